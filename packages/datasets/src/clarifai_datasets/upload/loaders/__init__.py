"""The loaders that come with the SDK; `clarifai_datasets.upload.loader` opens them by name."""
