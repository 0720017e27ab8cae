namespace IlgpuSpp.Data;

/// <summary>The part of a data set that a sample was put into by those who made the data set.</summary>
public enum DatasetPart
{
    /// <summary>Nobody said; a seeded split decides.</summary>
    Unassigned,

    /// <summary>For training.</summary>
    Train,

    /// <summary>For choosing options and for the accuracy during training.</summary>
    Validation,

    /// <summary>For the final measurement only.</summary>
    Test,
}
