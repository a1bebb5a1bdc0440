"""On a made-up project with habits, the model finds what a simple rule cannot, and soon."""

import random
from collections import Counter, defaultdict

import pytest

from magnetar import PredictionModel

FEATURES = ["cart", "order", "login", "search", "invoice", "profile", "catalog", "payment"]
LAYERS = ["src/{}/view.tsx", "src/{}/store.ts", "src/{}/api.ts", "tests/{}.test.ts", "docs/{}.md"]
SHARED = ["src/app.ts", "src/theme.ts", "package.json"]
HABITS = [("work", 0.55), ("back", 0.25), ("shared", 0.1), ("anywhere", 0.1)]


def sessions(seed, count):
    """Sessions that work through the files of one feature, go back to what they left, and stray now and then."""
    chance = random.Random(seed)
    everything = [layer.format(feature) for feature in FEATURES for layer in LAYERS] + SHARED
    for number in range(count):
        feature = chance.choice(FEATURES)
        own = [layer.format(feature) for layer in LAYERS]
        visited = [chance.choice(own)]
        for _ in range(14):
            habit = chance.choices([name for name, _ in HABITS], [weight for _, weight in HABITS])[0]
            place = own.index(visited[-1]) if visited[-1] in own else 0
            following = {
                "work": own[(place + 1) % len(own)],
                "back": visited[-min(len(visited), chance.choice([2, 2, 3]))],
                "shared": chance.choice(SHARED),
                "anywhere": chance.choice(everything),
            }[habit]
            if following != visited[-1]:
                visited.append(following)
        yield str(number), visited


class Markov:
    def __init__(self):
        self.followers = defaultdict(Counter)

    def predict(self, _, visited):
        return [key for key, _ in self.followers[visited[-1]].most_common(5)]

    def learn(self, _, visited, key):
        if visited:
            self.followers[visited[-1]][key] += 1


class Recency(Markov):
    def predict(self, _, visited):
        return [key for key in dict.fromkeys(reversed(visited)) if key != visited[-1]][:5]


class Learned:
    def __init__(self):
        self.model = PredictionModel()

    def predict(self, session, visited):
        return self.model.predict_next(visited[-1], session=session)

    def learn(self, session, _, key):
        self.model.record_access(key, session=session)


def hit_rate(system, traces):
    hits = []
    for session, keys in traces:
        for place, key in enumerate(keys):
            if place:
                hits.append(key in system.predict(session, keys[:place]))
            system.learn(session, keys[:place], key)
    return sum(hits) / len(hits)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_beats_transitions_and_recency(seed):
    traces = list(sessions(seed, 80))
    learned = hit_rate(Learned(), traces)
    assert learned > hit_rate(Markov(), traces) + 0.08
    assert learned > hit_rate(Recency(), traces) + 0.08


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_short_history_is_no_worse_than_recency(seed):
    traces = list(sessions(seed, 4))
    assert hit_rate(Learned(), traces) >= hit_rate(Recency(), traces)


def test_probabilities_mean_what_they_say():
    system = Learned()
    hit_rate(system, sessions(4, 60))
    expected = happened = 0.0
    for session, keys in sessions(5, 60):
        for place, key in enumerate(keys):
            if place:
                likely = dict(system.model.predict(keys[place - 1], top_k=5, session=session))
                expected += sum(likely.values())
                happened += key in likely
            system.learn(session, keys[:place], key)
    # Within what a model can know of so regular a project after sixty sessions.
    assert 0.7 < expected / happened < 1.1


def test_the_model_keeps_the_score_itself():
    system = Learned()
    assert system.model.hit_at_5 == 0.0
    rate = hit_rate(system, sessions(6, 20))
    assert system.model.hit_at_5 == pytest.approx(100 * rate, abs=1e-9)
