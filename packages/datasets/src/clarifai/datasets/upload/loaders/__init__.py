"""The loaders that come with the SDK; `clarifai.datasets.upload.loader` opens them by name."""
