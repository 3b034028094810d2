"""What Streamlit pages of modules use: one look for all, links like buttons, pages by name."""

from __future__ import annotations

import html
import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarifai_core.errors import UserError

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

_STYLE = """
.stButton a {
  display: inline-block;
  padding: 0.25rem 0.75rem;
  border: 1px solid rgba(49, 51, 63, 0.2);
  border-radius: 0.25rem;
  color: inherit;
  text-decoration: none;
}
.stButton a:hover, .stButton > button:hover {
  border-color: #356dff;
  color: #356dff;
}
footer { visibility: hidden; }
"""


class ClarifaiStreamlitCSS:
    """Writes styles and links into a Streamlit page; `st` is the `streamlit` module, or a column.

    Example:
        >>> import types
        >>> st = types.SimpleNamespace(markdown=lambda text, unsafe_allow_html: print(text))
        >>> ClarifaiStreamlitCSS.buttonlink(st, "Docs", "https://docs.clarifai.com", "_blank")
        <div class="stButton"><a href="https://docs.clarifai.com" target="_blank">Docs</a></div>
    """

    @classmethod
    def insert_default_css(cls, st: Any) -> None:
        """Give the page the look of the platform's own pages; say it on each page."""
        _insert(st, _STYLE)

    @classmethod
    def insert_css_file(cls, css_file: str | os.PathLike[str], st: Any) -> None:
        """Give the page the styles of a file.

        Raises:
            OSError: It cannot be read.
        """
        _insert(st, Path(css_file).read_text("utf-8"))

    @classmethod
    def buttonlink(
        cls, st: Any, label: str, link: str, target: str = "_parent", style: str = ""
    ) -> None:
        """Show a link that looks like a button.

        Args:
            st: Where.
            label: What it says.
            link: Where it leads.
            target: `"_parent"`: in the same page; `"_blank"`: in a new one.
            style: CSS of its own: `"background-color: green;"`.
        """
        attributes = {"href": link, "target": target, "style": style}
        told = " ".join(f'{k}="{html.escape(v)}"' for k, v in attributes.items() if v)
        text = f'<div class="stButton"><a {told}>{html.escape(label)}</a></div>'
        st.markdown(text, unsafe_allow_html=True)


def _insert(st: Any, style: str) -> None:
    st.markdown(f"<style>{style}</style>", unsafe_allow_html=True)


class ClarifaiModulePageManager:
    """The files in the folder `pages`, each a page with a function `display`."""

    def __init__(self) -> None:
        self.page_names = sorted(path.stem for path in Path("pages").glob("*.py"))

    def get_page_names(self) -> list[str]:
        """Return the names of all pages."""
        return self.page_names

    def get_page_from_query_params(self, qp: Mapping[str, Any]) -> str:
        """Return the page that a URL asks for; the first when it asks for none.

        Args:
            qp: The page's query parameters, of which `page` counts: a text or a list of one.

        Raises:
            UserError: There is no such page.
        """
        asked = qp.get("page") or self.page_names[:1]
        name = asked if isinstance(asked, str) else next(iter(asked), "")
        if name not in self.page_names:
            known = ", ".join(self.page_names) or "none"
            raise UserError(f"There is no page {name!r}; the files in pages/ are: {known}.")
        return name

    def render_page(self, page: str) -> None:
        """Show a page: call its `display()`.

        Raises:
            UserError: There is no such page.
        """
        if page not in self.page_names:
            self.get_page_from_query_params({"page": page})
        importlib.import_module(f"pages.{page}").display()
