"""An approver who looks at what is shown before pressing, and an owner who changes anything at any moment between card and send."""
