"""The demo: the SDK's main job on real data, through the public API as any program uses it."""
