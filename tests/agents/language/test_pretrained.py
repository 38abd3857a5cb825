"""The agent on pretrained models: small ones with random weights, in four architectures."""

import copy
import subprocess
import sys

import pytest
import torch
from torch.nn import functional as F

pytest.importorskip("transformers", reason="the extra llm is not installed")
pytest.importorskip("peft", reason="the extra llm is not installed")

from agents.benchmarks.reference.random_models import CHAT, FAMILIES, draw_model
from agents.config import RunConfig
from agents.config.agent import PretrainedConfig
from agents.config.learning import EvaluationConfig, LearningConfig
from agents.config.strategy_pair import tables
from agents.events import Evaluated, Fault, Updated
from agents.language.causal_scoring import plain_score
from agents.language.pretrained import Pretrained
from agents.policies.factory import policy_from_description
from agents.policies.language import LanguagePolicy
from agents.registry import STRATEGIES, names
from agents.sharing.run_file import export, import_run
from agents.store.run_store import RunStore
from agents.training.trainer import Trainer
from envs.curriculum import Stage

TEXTS = ["go to the apple . it is left of you . you see a cup , a cup and a cup .", "take the milk"]
ACTIONS = ("left", "move right", "move left", "put it into the basket")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    return {family: draw_model(root / family, family) for family in FAMILIES}


@pytest.fixture(scope="module")
def llama(folders):
    return folders["llama"]


def model_of(folder, seed=0, **changes):
    settings = {"source": str(folder), "rank": 4, "context": 128, **changes}
    return Pretrained(PretrainedConfig(**settings), torch.Generator().manual_seed(seed))


def config_of(folder, changes=None, **settings):
    config = RunConfig(
        stages=tuple(Stage(task=task, steps=32) for task in ("household/go-to", "household/take")),
        learning=LearningConfig(n_envs=4, n_steps=4),
        evaluation=EvaluationConfig(n_eval_episodes=1, eval_freq=0),
        model=PretrainedConfig(source=str(folder), rank=2, **settings),
    ).changed(changes or {})
    short = {"samples": 8, "post_prune_steps": 2, "compress_steps": 2, "learning_starts": 8}
    for table, part in {**{f"strategy.{key}": value for key, value in tables(config.strategy).items()}}.items():
        config = config.changed({f"{table}{key}": n for key, n in short.items() if hasattr(part, key)})
    return config


def perturbed(model):
    """Change the adapters, which have no effect at first."""
    for weight in model.parameters():
        weight.data += 0.05 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(weight.numel()))
    return model


@pytest.mark.parametrize("family", FAMILIES)
def test_phrases_score_as_in_separate_forward_passes(folders, family):
    model = perturbed(model_of(folders[family]))
    prompts, phrases = model.encode(TEXTS), tuple(map(model.tokenise, ACTIONS))
    scores, hidden = model.score(prompts, ACTIONS)
    torch.testing.assert_close(scores, plain_score(model.base, prompts, phrases), atol=1e-5, rtol=0)
    torch.testing.assert_close(hidden, model.read(prompts))
    # the first text is longer than Gemma's window
    plain = model.base(input_ids=prompts.tokens[:1]).logits[:, -1]
    torch.testing.assert_close(model(prompts)[0][:1], plain, atol=1e-5, rtol=0)


def test_a_trace_sums_to_the_scores_and_has_gradients_by_the_sentence(llama):
    model = perturbed(model_of(llama))
    prompt, phrases = model.encode(TEXTS[:1]), tuple(map(model.tokenise, ACTIONS))
    trace = model.trace(prompt, phrases)
    torch.testing.assert_close(trace.log_probs.sum(-1), model.score_tokens(prompt, phrases)[0][0])
    assert torch.autograd.grad(trace.log_probs[0, 0], trace.words)[0].abs().sum() > 0


def test_tokens_are_decoded_to_words(llama):
    model = model_of(llama)
    tokens = model.encode(["go to the apple"]).tokens[0]
    pieces = model.pieces(tokens.tolist())
    assert [word for word, _ in pieces] == ["go", "to", "the", "apple"]
    assert sum(size for _, size in pieces) == len(tokens)
    assert model.decode(tokens) == "go to the apple"
    assert model.learn_words(["marzipan"]) == 0
    assert model.phrase_lengths(["left"]) == [1]


def test_a_long_sentence_is_read_from_its_end(llama):
    model = model_of(llama, context=8)
    assert model.encode(TEXTS).lengths.tolist() == [8, 3]
    assert model.decode(model.encode(TEXTS).tokens[0]).endswith("and a cup .")


def test_sampling_repeats_with_its_generator(llama):
    model = model_of(llama)
    first, again, other = (model.generate("go", torch.Generator().manual_seed(seed), limit=8) for seed in (1, 1, 2))
    assert first == again != other


def test_a_model_with_a_chat_template_reads_sentences_as_user_turns(tmp_path):
    folder = draw_model(tmp_path, chat=CHAT)
    chatting, plain = model_of(folder), model_of(folder, chat="off")
    assert chatting.decode(chatting.encode(["take the milk"]).tokens[0]) == "<u>take the milk</u><a>"
    assert plain.decode(plain.encode(["take the milk"]).tokens[0]) == "take the milk"
    assert chatting.decode(torch.tensor(chatting.tokenise("left"))) == "left"


def test_only_adapters_are_trained_and_saved(llama):
    model = model_of(llama)
    weights = model.state_dict()
    assert set(weights) == {name for name, _ in model.named_parameters()}
    assert all(".lora_" in name for name in weights)
    assert sum(weight.numel() for weight in weights.values()) < sum(weight.numel() for weight in model.buffers()) / 3
    full = model_of(llama, rank=0)
    assert sum(w.numel() for w in full.parameters()) == sum(w.numel() for w in full.base.parameters()) > 10_000


def test_an_untrained_adapter_changes_nothing_and_is_drawn_from_its_generator_only(llama):
    before = torch.random.get_rng_state()
    first, same, other = model_of(llama), model_of(llama), model_of(llama, seed=1)
    assert torch.equal(torch.random.get_rng_state(), before)
    prompts = first.encode(TEXTS)
    torch.testing.assert_close(first(prompts)[0], model_of(llama, rank=0)(prompts)[0])
    drawn = [torch.cat([weight.flatten() for weight in model.parameters()]) for model in (first, same, other)]
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


def test_copies_share_frozen_weights_and_no_trained_ones(llama):
    model = model_of(llama)
    for other in (model_of(llama), copy.deepcopy(model)):
        theirs, learned = dict(other.named_buffers()), dict(other.named_parameters())
        assert all(theirs[name].data_ptr() == frozen.data_ptr() for name, frozen in model.named_buffers())
        assert all(learned[name].data_ptr() != weight.data_ptr() for name, weight in model.named_parameters())
    assert torch.equal(copy.deepcopy(model)(model.encode(TEXTS))[0], model(model.encode(TEXTS))[0])


def test_with_bfloat16_frozen_weights_are_half_precision_and_trained_ones_float32(llama):
    model = model_of(llama, dtype="bfloat16")
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}
    assert torch.bfloat16 in {weight.dtype for weight in model.buffers()}
    scores, hidden = model.score(model.encode(TEXTS), ACTIONS)
    exact = model_of(llama).score(model.encode(TEXTS), ACTIONS)[0]
    torch.testing.assert_close(scores, exact, atol=0.5, rtol=0)
    assert model.normalise_hidden(hidden).dtype == torch.float32


@pytest.mark.parametrize("family", [family for family in FAMILIES if family != "llama"])
def test_every_family_learns(folders, family):
    assert_learns(config_of(folders[family]))


@pytest.mark.parametrize("strategy", [*names(STRATEGIES), "ewc+replay"])
def test_it_learns_with_every_strategy(llama, strategy):
    assert_learns(config_of(llama, {"strategy.name": strategy}))


@pytest.mark.parametrize("changes", [{"model.rank": 0}, {"algorithm.name": "dqn", "algorithm.learning_starts": 8}])
def test_it_learns_without_adapters_and_by_q_learning(llama, changes):
    assert_learns(config_of(llama, changes))


def assert_learns(config):
    trainer = Trainer(config)
    before = {name: weight.clone() for name, weight in trainer.state.agent.policy.state_dict().items()}
    buffers = {name: weight.clone() for name, weight in trainer.state.agent.policy.named_buffers()}
    events = list(trainer.run())
    assert not [event for event in events if isinstance(event, Fault)]
    assert len([event for event in events if isinstance(event, Updated)]) == 4
    policy = trainer.state.agent.policy
    assert any(not torch.equal(weight, before[name]) for name, weight in policy.state_dict().items())
    assert all(torch.equal(weight, buffers[name]) for name, weight in policy.named_buffers())


@pytest.mark.parametrize("strategy", ["ewc", "packnet"])
def test_a_resumed_run_equals_the_uninterrupted_one(llama, strategy):
    config = config_of(llama, {"strategy.name": strategy})
    whole, scores, saved = Trainer(config), [], []
    for event in whole.run():
        if isinstance(event, Updated | Evaluated):
            scores.append((event.step, getattr(event, "terms", None) or event.scores))
        if isinstance(event, Updated) and event.step == 48:
            saved.append((len(scores), copy.deepcopy(whole.saved())))
    count, state = saved[0]
    resumed = Trainer(config)
    resumed.resume(state)
    continued = [
        (event.step, getattr(event, "terms", None) or event.scores)
        for event in resumed.run()
        if isinstance(event, Updated | Evaluated)
    ]
    assert continued == scores[count:]
    resumed_weights = resumed.state.agent.policy.state_dict()
    assert all(
        torch.equal(weight, resumed_weights[name]) for name, weight in whole.state.agent.policy.state_dict().items()
    )


def test_a_policy_is_rebuilt_from_its_description_and_trained_weights(llama):
    policy = LanguagePolicy.create(config_of(llama).model, torch.Generator().manual_seed(3))
    policy.add_task(0, ("left", "go to the basket"), ())
    perturbed(policy.model)
    rebuilt = policy_from_description(policy.description())
    rebuilt.load_state_dict(policy.state_dict())
    inputs = TEXTS, [0, 0]
    for first, other in zip(policy(policy.encode(*inputs)), rebuilt(rebuilt.encode(*inputs)), strict=True):
        assert torch.equal(getattr(first, "logits", first), getattr(other, "logits", other))
    probabilities = policy(policy.encode(*inputs))[0].logits[:, :2].log_softmax(-1)
    torch.testing.assert_close(
        probabilities, F.log_softmax(policy.model.score(policy.model.encode(TEXTS), policy.action_sets[0])[0], -1)
    )
    assert policy.consider(TEXTS[0], 0)[2] == ()


def test_an_exported_run_does_not_contain_the_model(llama, tmp_path):
    config = config_of(llama, download=True)
    run = RunStore(tmp_path / "here").create(config)
    trainer = Trainer(config)
    trainer.store_in(run)
    list(run.record(trainer.run()))
    export(run, tmp_path / "run.palimpsest")
    there = import_run(tmp_path / "run.palimpsest", RunStore(tmp_path / "there"))
    assert there.summary()["steps"] == run.summary()["steps"]
    assert run.config.model.download
    assert not there.config.model.download
    weights = max(path.stat().st_size for path in run.folder.rglob("*.safetensors"))
    assert weights < (llama / "model.safetensors").stat().st_size


def test_another_model_at_the_same_source_is_refused(tmp_path):
    policy = LanguagePolicy.create(PretrainedConfig(source=str(draw_model(tmp_path))), torch.Generator())
    draw_model(tmp_path, seed=1)
    with pytest.raises(ValueError, match="is not the model that this agent learned with"):
        policy_from_description(policy.description())


def test_transformers_is_imported_only_when_a_pretrained_model_is_used():
    modules = "agents.training.trainer, agents.policies.language, app.cli.commands"
    code = f"import sys, {modules}; sys.exit('transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_the_extra_one_line_names_the_remedy(monkeypatch, llama):
    monkeypatch.setitem(sys.modules, "transformers", None)
    for module in ("pretrained", "lora_base", "hf_tokenizer", "sources"):
        monkeypatch.delitem(sys.modules, f"agents.language.{module}", raising=False)
    with pytest.raises(ValueError, match=r"pip install 'palimpsest\[llm\]'"):
        Trainer(config_of(llama))
