"""How sure a figure is: parameters drawn, the model calibrated anew and solved at every draw, ranges told."""
