"""Import paths of the 9.x releases that programs still have."""

import importlib

PATHS = {
    "clarifai.auth.helper": ("ClarifaiAuthHelper",),
    "clarifai.client": ("create_stub",),
    "clarifai.listing.lister": ("ClarifaiResourceLister",),
    "clarifai.modules.css": ("ClarifaiStreamlitCSS",),
    "clarifai.modules.pages": ("ClarifaiModulePageManager",),
}
missing = []
for path, names in PATHS.items():
    try:
        module = importlib.import_module(path)
    except ImportError as error:
        missing.append(f"{path}: {error}")
        continue
    missing += [f"{path}.{name}" for name in names if not hasattr(module, name)]
assert not missing, missing
