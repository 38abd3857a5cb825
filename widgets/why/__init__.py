"""The Why panel: reasons for one decision."""
