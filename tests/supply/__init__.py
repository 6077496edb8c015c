"""The supply chain: lock files, licences, and a bill of materials (CycloneDX) of the wheel and the image."""
