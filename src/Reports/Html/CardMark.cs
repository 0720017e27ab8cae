namespace IlgpuSpp.Reports;

/// <summary>How a card of an <see cref="ImageGrid"/> is set off.</summary>
public enum CardMark
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>As a success.</summary>
    Right,

    /// <summary>As a failure.</summary>
    Wrong,
}
