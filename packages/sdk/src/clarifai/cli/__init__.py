"""Door to the command line: `python -m clarifai.cli`, as `python -m clarifai`."""
