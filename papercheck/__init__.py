"""Whether a PDF is what a stage of a project asks for. Knows no Django; a limited process reads the file."""
