namespace IlgpuSpp.Data;

/// <summary>The classes of the shapes data set, in the order of their labels.</summary>
public enum ShapeKind
{
    /// <summary>An arrow with a shaft.</summary>
    Arrow,

    /// <summary>A disc.</summary>
    Circle,

    /// <summary>A moon-like sickle.</summary>
    Crescent,

    /// <summary>A plus sign.</summary>
    Cross,

    /// <summary>A drop: round below, pointed above.</summary>
    Drop,

    /// <summary>A heart.</summary>
    Heart,

    /// <summary>A disc with a hole.</summary>
    Ring,

    /// <summary>A square.</summary>
    Square,

    /// <summary>A star of five points.</summary>
    Star,

    /// <summary>An equilateral triangle.</summary>
    Triangle,
}
