"""Users, apps, inputs, models, workflows and modules: one handle class each."""
