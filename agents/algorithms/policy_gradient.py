"""The plain policy-gradient loss (Sutton et al., 2000), without clipping."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from agents.algorithms import Algorithm, Loss
from agents.algorithms.advantages import normalised_by_task
from agents.config.algorithms import A2CConfig, ReinforceConfig
from agents.policies import Act
from agents.rollout import Batch


class PolicyGradient(Algorithm):
    """Loss of A2C and REINFORCE; a subclass defines the advantages in `batches`."""

    config: A2CConfig | ReinforceConfig

    def __init__(self, config: A2CConfig | ReinforceConfig) -> None:
        self.config = config
        self.ent_coef = config.ent_coef

    def loss(self, act: Act, batch: Batch) -> Loss:
        """Return the policy-gradient surrogate, plus the value error, minus the entropy bonus."""
        actions, values = act(batch.observations)  # logits (B, A), values (B,)
        log_probs = actions.log_prob(batch.actions)  # (B,)
        surrogate = -(log_probs * self.weights(batch)).mean()
        value_error = F.mse_loss(values, batch.returns)
        entropy = actions.entropy().mean()
        total = surrogate + self.config.vf_coef * value_error - self.ent_coef * entropy
        terms = {
            "policy": surrogate.detach(),
            "value": value_error.detach(),
            "entropy": entropy.detach(),
            "kl": (batch.log_probs - log_probs.detach()).mean(),
        }
        return Loss(total, terms)

    def weights(self, batch: Batch) -> Tensor:
        """Return the weight of each log-probability, (B,): the advantage, normalised by task if the settings ask."""
        if not self.config.normalize_advantage:
            return batch.advantages
        return normalised_by_task(batch.advantages, batch.returns, batch.observations.task_ids, self.floors)
