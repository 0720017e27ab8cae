namespace IlgpuSpp.Reports;

/// <summary>The shape drawn at a point of a series.</summary>
public enum ChartMarker
{
    /// <summary>No shape, only the line.</summary>
    None,

    /// <summary>A filled disc.</summary>
    Disc,

    /// <summary>An open square.</summary>
    Square,

    /// <summary>A filled triangle.</summary>
    Triangle,

    /// <summary>An open diamond.</summary>
    Diamond,
}
