"""LaTeX made readable that lost its backslashes, dollar signs or braces, as listings have it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from ragbot.readers import read_file
from ragbot.resources import bundled_listings
from ragbot.text.latex import readable
from ragbot.text.sentences import split_sentences

Growth = Callable[[Callable[[str], object], str, int], bool]


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        # A Nearly-Optimal Bound for Fast Regression with ell_infty Guarantee
        (
            "Given a matrix Ain R^{ntimes d} and a vector bin R^n, we consider the regression "
            "problem with ell_infty guarantees: finding a vector x'in R^d such that "
            "|x'-x^*|_infty leq epsilon{d}cdot |Ax^*-b|_2cdot |A^dagger| where "
            "x^*=argmin_{xin R^d}|Ax-b|_2.",
            "Given a matrix A ∈ R^(n×d) and a vector b ∈ R^n, we consider the regression "
            "problem with ℓ_∞ guarantees: finding a vector x' ∈ R^d such that "
            "|x'-x^*|_∞ ≤ ε{d}· |Ax^*-b|₂· |A^†| where x^*=argmin_(x ∈ R^d)|Ax-b|₂.",
        ),
        (
            "picking a structured random matrix Sin R^{mtimes n} with mll n and SA can be",
            "picking a structured random matrix S ∈ R^(m×n) with m ≪ n and SA can be",
        ),
        (
            "with m=epsilon^{-2}dlog^3(n/delta) such that, with probability at least 1-delta, "
            "m=Omega(epsilon^{-2}d^{1+gamma}) for gamma=Theta(frac{loglog n{log d}}) is required",
            "with m=ε⁻²d log³(n/δ) such that, with probability at least 1-δ, "
            "m=Ω(ε⁻²d^(1+γ)) for γ=Θ(log log n/log d) is required",
        ),
        # Analytical Solution of a Three-layer Network with a Matrix Exponential Activation
        (
            "$ f(X)=W_3exp(W_2exp(W_1X)), Xin C^{dtimes d} have solutions, i.e.,Y=WX$.",
            " f(X)=W₃exp(W₂exp(W₁X)), X ∈ C^(d×d) have solutions, i.e.,Y=WX.",
        ),
        # DeepONet: Learning nonlinear operators for identifying differential equations
        ("sensors x_i, i=1,dots,m (branch net)", "sensors x_i, i=1,…,m (branch net)"),
        # Fashionformer: A simple, Effective and Unified Baseline
        ("metric (AP^{text{mask}_{IoU+F_1}) for", "metric (AP^mask_(IoU+F₁)) for"),
        # Fast, Expressive SE(n) Equivariant Networks
        (
            "the spaces of orientations R^3 {times} S^2, and",
            "the spaces of orientations R³ × S², and",
        ),
        # HyperZ·Z·W Operator Connects Slow-Fast Networks
        ("a HyperZ{cdotZ{cdot}W} operator", "a HyperZ·Z·W operator"),
        # Learning Hierarchical Polynomials with Three-Layer Neural Networks
        (
            "h = g circ p where p : R^d rightarrow R needs widetilde Theta(d^{kq}) samples, "
            "over prior work~nichani2023provable requiring widetildeTheta(d^4), not "
            "mathcal{O}(d^2)",
            "h = g ∘ p where p : R^d → R needs Θ(d^(kq)) samples, over prior work requiring "
            "Θ(d⁴), not O(d²)",
        ),
        # MgNO: Efficient Parameterization of Linear Operators via Multigrid
        (
            "mathcal O_i(u) = sigmaleft( sum_j mathcal W_{ij} u + mathcal B_{ij}right)",
            "O_i(u) = σ( ∑_j W_(ij) u + B_(ij))",
        ),
        # Minimal Width for Universal Property of Deep RNN
        (
            "max{d_x+1,d_y}, vectors in R^{d_x} and R^{d_y}",
            "max{d_x+1,d_y}, vectors in R^(d_x) and R^(d_y)",
        ),
        # Multi-layer random features and the approximation power of neural networks
        (
            "sphere in {mathbb R}^n, slower than k^{-n-2{3}} where",
            "sphere in R^n, slower than k^(-n-2/3) where",
        ),
        # Multi-Layer Deep xVA: Structural Credit Models
        ("O(h^{1/4-epsilon}), not O(h^{1/2})", "O(h^(1/4-ε)), not O(h^(1/2))"),
        # The Zwicky Transient Facility Bright Transient Survey. III
        ("bright (m_peak,leq,18.5,mag)", "bright (m_peak ≤ 18.5,mag)"),
        # Towards Robust Fidelity for Evaluating Explainability of Graph Neural Networks
        ("including Fid_+, Fid_-, and Fid_Delta.", "including Fid₊, Fid₋, and Fid_Δ."),
        # Tuning Pre-trained Model via Moment Probing
        ("(MHC^3), our MP_{+} achieves", "(MHC³), our MP₊ achieves"),
        # Multi-Modal Masked Autoencoders for Medical Vision-and-Language Pre-Training
        ("masked autoencoders (M^3AE)", "masked autoencoders (M³AE)"),
        # AuON: A Linear-time Alternative to Semi-Orthogonal Momentum Updates
        ("costs of O(n^3) and p < 10^-12", "costs of O(n³) and p < 10⁻¹²"),
        # Provable Scaling Laws of Feature Emergence from Learning Dynamics of Grokking
        ("named Li_2, with L_1-norms", "named Li₂, with L₁-norms"),
    ],
)
def test_commands_that_lost_their_backslashes(sentence: str, shown: str) -> None:
    assert readable(sentence) == shown


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        # ART: Anonymous Region Transformer for Variable Multi-Layer Transparent Images
        ("prior knowledge.}, this region", "prior knowledge, this region"),
        # On gauge freedom, conservativity and intrinsic dimensionality estimation
        ("field. {Firstly, we propose", "field. Firstly, we propose"),
        # Cross-domain Hyperspectral Image Classification
        ("more than 3\\%sim5\\% higher", "more than 3%∼5% higher"),
        # Opening the Black Box of Deep Neural Networks via Information
        ("on {\\emph compression} of the input", "on compression of the input"),
        # MMFuser: Multimodal Multi-Layer Feature Fuser
        ("model, \\modelname~achieves", "model, modelname achieves"),
        # NTUA-SLP at SemEval-2018 Task 1
        ("the SemEval-2018 Task~1 competition", "the SemEval-2018 Task 1 competition"),
        # Self-Calibration and Bilinear Inverse Problems via Linear Least Squares
        ("which leads to a~spectral method", "which leads to a spectral method"),
        # Pyramid Vision Transformer
        ("Vision Transformer~(PVT), which", "Vision Transformer (PVT), which"),
        ("a $\\mathbb R$ and \\widetilde\\mathcal{O}(n)", "a R and O(n)"),
        ("at $\\tau{=}75$ and 360{\\deg} in 1{,}500", "at τ=75 and 360° in 1,500"),
        ("using \\LaTeX{}, up to 4\\times{}", "using \\LaTeX{}, up to 4×"),
    ],
)
def test_marks_without_their_partners(sentence: str, shown: str) -> None:
    assert readable(sentence) == shown


PROSE = (
    "the domain margin in terms of time",
    "within bins, it may contain a prime sum, a subset, all cells",
    "Maple and Matlab begin at times; sometimes runtimes double",
    "a star graph, the mid layer, an ill egg, to the left(er) right",
    "the alpha-beta pruning of a Delta robot with gamma rays and omega-3",
    "ell and Frac and LEQ, a win, a simulator, Lin Xin, bin packing",
)


@pytest.mark.parametrize("prose", PROSE)
@pytest.mark.parametrize("beside", ["", " R^d", " {a, b}", " of x_i"])
def test_words_of_prose_stay_beside_formulas_too(prose: str, beside: str) -> None:
    assert readable(prose + beside) == prose + beside


@pytest.mark.parametrize(
    "text",
    [
        "file_name, times_series, sum_reduce, max_len_2, GPT_4 and __init__",
        "https://github.com/a/Anchored_Bias_2, http://a.org/~bob/x^2{y}",
        "`x_1^2 {times}` is code",
        "at a 10~20X speed, 0.8dB~2dB higher, kHz~MHz, by ~1.5 m",
        "max{a, b} of {0.1, 0.5}",
        "the bin R^d and, in R^d, the sin",
        "2^n, R^d and ln t/t^(1/4)",
        "tau^2-Bench or the Spearman rho = 0.18",  # a name and a word
        "a { b } c",
    ],
)
def test_what_only_looks_like_formulas_stays(text: str) -> None:
    untouched = text.replace("tau^2", "tau²").replace("the bin R^d", "the b ∈ R^d")
    assert readable(text) == untouched


def bundled() -> Iterator[str]:
    for path in sorted(bundled_listings().glob("*.txt")):
        for record in read_file(path)[1]:
            yield from (record.title, record.abstract)


_ADDRESS = re.compile(r"https?:\S+")
_LEFT = re.compile(
    r"[\\$}]|[\^_]\d|(?<!max)(?<!ε)\{|(?<![A-Za-z])"
    r"(?:mathcal|mathbb|leq|infty|cdot|rightarrow|widetilde|frac|circ)(?![a-z])"
)


def test_no_formula_of_the_bundled_abstracts_shows_as_markup() -> None:
    shown = [_ADDRESS.sub("", readable(text)) for text in bundled()]
    left = [
        text[m.start() - 20 : m.end() + 20]
        for text in shown
        for m in _LEFT.finditer(text)
    ]
    # A brace that says what a maximum or a lost root is of; sentences without any other mark
    assert [
        part for part in left if not re.search(r"[εx]\{|xi cdot 100|_y\}|\bd\}", part)
    ] == []


def test_a_sentence_reads_alike_alone_and_in_its_abstract() -> None:
    apart = [
        sentence
        for text in bundled()
        for sentence in split_sentences(text)
        if readable(sentence) not in readable(text)
    ]
    # One formula is opened in a sentence and closed in the next.
    assert [sentence for sentence in apart if sentence.count("$") != 1] == []


LOST = (
    "xin R^ ell_ {times} frac{ a} 1{2} ~( a~ _{ ^{ epsilon{ {a. _infty x_1 ^-".split()
)


@pytest.mark.parametrize("part", LOST)
@pytest.mark.parametrize("space", ["", " "])
def test_lost_commands_take_no_more_than_linear_time(
    part: str, space: str, grows_linearly: Growth
) -> None:
    assert grows_linearly(readable, part + space, 16000)
