"""How the equilibrium is found: fixed point, Newton, adjoint; the model's equations are not repeated here."""
