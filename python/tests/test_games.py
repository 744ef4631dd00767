"""Rounds as games, and files of games."""

import numpy
import pytest

import detente as dt

CHICKEN = 'NFG 1 R "Chicken" { "A" "B" } { 2 3 }  3 3  4 1  1 4  0 0  5 6  7 8'


def test_a_round_is_a_game(program, small, tmp_path):
    game = small.game(1)
    assert list(game.players) == ["ROW", "COL"] and game.payoffs.shape == (2, 2, 2)
    assert game.payoffs[0, 0, 0] == 3
    answer = game.solve("pure")
    assert len(answer.equilibria) == 2 and "Chicken" in game.title or "chicken" in game.title
    file = tmp_path / "chicken.nfg"
    file.write_text(game.to_nfg())
    again = dt.Game.open(file)
    assert (again.payoffs == game.payoffs).all()
    assert len(again.solve("nash").equilibria) == 3
    assert "nash" in program("solve", file, "--concept", "nash")


def test_payoffs_stand_by_player_and_strategy():
    game = dt.Game.parse(CHICKEN)
    assert game.payoffs.shape == (2, 2, 3)
    assert game.payoffs[:, 1, 0].tolist() == [4, 1] and game.payoffs[:, 0, 1].tolist() == [1, 4]
    assert game.payoffs[:, 1, 2].tolist() == [7, 8]
    assert numpy.allclose(dt.Game.parse(game.to_nfg()).payoffs, game.payoffs)


def test_what_is_no_game_and_no_concept_is_told():
    with pytest.raises(dt.ScenarioError, match="game:1"):
        dt.Game.parse("NFG 1 R")
    with pytest.raises(dt.ScenarioError, match="nash"):
        dt.Game.parse(CHICKEN).solve("nahs")
    with pytest.raises(dt.ScenarioError):
        dt.Game.parse(CHICKEN).solve("pure", alpha=1.0)


def test_points_of_the_logit_branch(small):
    points = small.game().solve("qre", precision=[1.0]).data["points"]
    # known from the textbook: 0.664 at precision 1
    assert points[0]["profile"][0][0] == pytest.approx(0.664, abs=0.001)
