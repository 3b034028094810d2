"""What answers for the public models: stand-ins that look, measure and count, without weights.

None of them is the hosted model whose name it answers to, and each model's notes say so. They need
no download, give the same answer everywhere, and are good enough to build and test a program
against: a drawing of a dog ranks "dog" high, an upright blob in the colours of skin is a face.
"""
