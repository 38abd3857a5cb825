"""External Gymnasium environments: checked, tried out in a process, and isolated from shared random generators."""
