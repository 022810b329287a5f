"""What a fit of internal scales found, and where they serve the data too little."""

from core.tolerance import DataScales, Dip, Mixture, dips

_WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def explain_fit(model: Mixture, data: DataScales, fitted_tau: bool) -> str:
    """What was found and what it means: one sentence in Markdown.

    Args: fitted_tau: whether τ_tol was fitted too.
    Raises: ValueError as `Mixture.kl`.
    """
    smallest, largest = model.centres[0], model.centres[-1]
    if model.num_scales == 1:
        scales = f"One scale at **{smallest:.2f}×**"
    else:
        count = _WORDS[model.num_scales] if model.num_scales < len(_WORDS) else str(model.num_scales)
        scales = f"{count} scales from **{smallest:.2f}×** to **{largest:.2f}×** (ISR {largest / smallest:.2f})"
    origin = "as the fit found it" if fitted_tau else "as given"
    return (
        f"{scales}, each with a tolerance of {model.tau_tol:.3f} octaves {origin}, "
        f"reach a KL of **{model.kl(data):.4f}** nats and {_explain_dips(dips(model, data), model)}."
    )


def _explain_dips(found: tuple[Dip, ...], model: Mixture) -> str:
    if not found:
        return "leave no dip: everywhere they are at least half as dense as the data"
    places = " and ".join(f"{dip.low:.2f}× to {dip.high:.2f}× ({_where(dip, model)})" for dip in found)
    count = "a dip" if len(found) == 1 else f"{len(found)} dips"
    return f"leave {count}, where they are less than half as dense as the data: {places}"


def _where(dip: Dip, model: Mixture) -> str:
    if dip.between:
        return "between two scales"
    if dip.deepest < model.centres[0]:
        return "below the smallest scale"
    return "above the largest scale" if dip.deepest > model.centres[-1] else "at the scale itself"


def tell_dips(found: tuple[Dip, ...]) -> str:
    """Where the data are served too little, in Markdown."""
    if not found:
        return "There is **no dip**: nowhere is the blue curve less than half as high as the data."
    return " ".join(map(_tell_dip, found))


def _tell_dip(dip: Dip) -> str:
    where = "between two scales" if dip.between else "beyond the scales"
    return (
        f"**Dip from {dip.low:.2f}× to {dip.high:.2f}×**, {where}: at {dip.deepest:.2f}× the blue curve has "
        f"{100 * dip.share:.0f} % of the height of the data."
    )


def describe_bench(mixture: Mixture, data: DataScales) -> str:
    """Mixture and data in sentences, for readers who do not see it."""
    centres = ", ".join(f"{centre:.2f}" for centre in mixture.centres)
    found = dips(mixture, data)
    low = f"It has {len(found)} dip{'s' * (len(found) > 1)}" if found else "It has no dip"
    return (
        f"Density per octave over data scale: data that are {data.name}, and a mixture of "
        f"{mixture.num_scales} internal scale{'s' * (mixture.num_scales > 1)} centred at {centres} times the size that "
        f"counts as 1, each with a tolerance of {mixture.tau_tol:.3f} octaves. {low}."
    )
