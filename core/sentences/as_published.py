"""What our numbers say beside the figures of two publications, and where each figure differs from ours. In Markdown."""

from collections.abc import Sequence

from core.models import MODELS
from core.results.dss_residual import CHANNELS, MIDDLE, NUM_LEVELS, WHOLE, ResidualLine
from core.results.park import CONVOLUTION, OURS, EquivarianceLine, ReadingLine
from core.results.published import DSS_RESIDUAL_MOST, DSS_RESIDUAL_SMALL_TO, PARK_AT_3
from core.results.scale_correlation import ScaleCorrelation
from core.sentences.markdown import paragraphs

DSS_PUBLISHED = (
    "**Not measured here**: photographs of tissue and of streets, which this project does not train on. The poster "
    "says of its comparison that architectures are matched and so the baselines handicapped."
)
PARK_PUBLISHED = (
    "**Not measured here**, and mostly read off plots. The equivariance errors in the table have norms and divisors "
    "of their own for each network: they do not compare."
)
_AT = 2.0  # the size that sentences are about: half
_WHY = {
    "dss": "Levels of deep scale-spaces are a factor of 2 apart: 1.1, 1.5, 2.5 and 3 are no steps of them, and leave "
    "an error of their own.",
    "so2_cnn": "The rotation group CNN is made for turns: nothing holds it to a change of size.",
}
_MIXED = (
    "**This error mixes what an equivariance error keeps apart**: a spectral norm above, a Frobenius norm below, so "
    "the same difference reads smaller the more singular values it has.",
    "Maps over scales are not made smaller and have the spectral norm below too, so they do not compare with planes; "
    "every channel counts alike, and the zoom aliases.",
)


def explain_shrunk_reading(lines: Sequence[ReadingLine]) -> str:
    """Who reads digits of a third, and what of these digits training has shown. Args: lines: of one resampler."""
    smallest = max(line.shrunk for line in lines)
    ranked = sorted((each for each in lines if each.shrunk == smallest), key=lambda each: -each.accuracy.mean)
    told = "; ".join(
        f"{_title(x)} {x.accuracy.mean:.2f} ({x.accuracy.low:.2f} to {x.accuracy.high:.2f})" for x in ranked
    )
    first = lines[0]
    moved = max(abs(each.accuracy.mean - each.unseen_accuracy.mean) for each in lines)
    return paragraphs(
        f"Read of the digits that are {smallest:g} times smaller, in %, with 95 % intervals: {told}.",
        f"{first.images - first.unseen:,} of the {first.images:,} digits were shown in training or validation, at "
        f"sizes drawn for each; without them no accuracy moves by more than {moved:.2f} points.",
        f"The study's deformable CNNs read more of them than its plain one, {PARK_AT_3['DCN v2']:g} and "
        f"{PARK_AT_3['DCN v1']:g} % against {PARK_AT_3['CNN']:g} %; here {_compared(ranked)}.",
        "Intervals are over digits, of one training; the study's networks are smaller, with 5 to 7 epochs.",
    )


def explain_shrunk_errors(lines: Sequence[EquivarianceLine]) -> str:
    """The errors at half the size, and for the study's own error what it mixes. Args: lines: of one error."""
    is_ours = lines[0].error == OURS
    own = sorted((x for x in lines if x.shrunk == _AT and x.layer == CONVOLUTION), key=lambda each: each.mean)
    factor, form, unit = (100, ".0f", " %") if is_ours else (1, ".2f", "")
    told = "; ".join(
        f"{_title(x)} {factor * x.mean:{form}}{unit} ({factor * x.low:{form}} to {factor * x.high:{form}})" for x in own
    )
    said = f"After the last convolution, digits {_AT:g} times smaller: {told}; in brackets 16 to 84 % of the digits."
    if is_ours:
        return paragraphs(said, *(why for key, why in _WHY.items() if any(line.network == key for line in lines)))
    return paragraphs(said, *_MIXED)


def explain_residuals(lines: Sequence[ResidualLine]) -> str:
    """That curves jump where the poster's do, and how large they are before. Args: lines: of one `positions`."""
    positions = lines[0].positions
    before = [line for line in lines if not line.lacks_input and line.halvings]
    behind = [line for line in lines if line.lacks_input]
    agree = all(line.lacks_input == (line.halvings > _small_to(line)) for line in lines)
    where = "exactly where the poster's do" if agree else "elsewhere than the poster's"
    highest, lowest = max(line.mean for line in before), min(line.mean for line in behind)
    border = {
        WHOLE: "Most of ours is the border, beyond which stand zeros; the poster does not say what it does there.",
        MIDDLE: "Far from the border ours is near the poster's; where a level reaches across the photograph it is not.",
    }[positions]
    return paragraphs(
        f"Each scale correlation leaves one more of {NUM_LEVELS} levels without what it reads: curves jump {where}.",
        f"Before, the residual is at most {highest:.3f}, behind at least {lowest:.2f}; on the poster at most about "
        f"{DSS_RESIDUAL_MOST} before.",
        border,
        f"The poster names neither photographs nor channels nor what stands between the correlations; here four of "
        f"{lines[0].side} px, {CHANNELS} channels, ReLU.",
    )


def explain_correlation(found: ScaleCorrelation) -> str:
    """What a level reads, and that the last lacks one."""
    dilations = ", ".join(f"{dilation:g}" for dilation in found.dilations)
    share = [float((found.added[k, 1] ** 2).sum() / (found.added[k] ** 2).sum()) for k in range(len(found.levels) - 1)]
    told = " and ".join(f"{100 * each:.0f} %" for each in share)
    return paragraphs(
        "From the top: level k, its kernel, level k + 1, the second kernel, and the response over all input channels.",
        f"The kernels are the same weights in every column, their taps {dilations} px apart. The last level has none "
        "above it to read, so it is not equivariant.",
        f"Through the second kernel comes {told} of the energy that this input channel adds, level by level.",
        "Blue is negative and red positive; the ± beside a row is the end of its colours.",
    )


def _compared(ranked: Sequence[ReadingLine]) -> str:
    """Deformable against plain, of lines of one size."""
    found = {each.network: each.accuracy for each in ranked}
    if not {"deformable_cnn", "cnn"} <= set(found):
        return "both must be among the chosen groups to compare"
    bent, plain = found["deformable_cnn"], found["cnn"]
    apart = bent.low > plain.high or bent.high < plain.low
    word = "more" if bent.mean > plain.mean else "fewer"
    return f"the deformable CNN reads {word}" if apart else f"it reads {word}, but the intervals overlap"


def _small_to(line: ResidualLine) -> int:
    return DSS_RESIDUAL_SMALL_TO[line.correlations, line.level]


def _title(line: ReadingLine | EquivarianceLine) -> str:
    return MODELS[line.network].title
