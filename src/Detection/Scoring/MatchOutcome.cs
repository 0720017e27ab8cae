namespace IlgpuSpp.Detection;

/// <summary>What a detection turned out to be.</summary>
public enum MatchOutcome
{
    /// <summary>It found an object that nothing before it had found.</summary>
    TruePositive,

    /// <summary>It found an object that was found already.</summary>
    Duplicate,

    /// <summary>It overlaps no object of its class enough.</summary>
    FalsePositive,

    /// <summary>It lies on a difficult object or in a crowd and does not count.</summary>
    Ignored,
}
