"""What everything here needs: session, handles and pages; and what is generated of core."""

from clarifai_core.lazy import lazy_submodules

lazy_submodules(__name__)
