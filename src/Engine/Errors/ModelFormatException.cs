namespace IlgpuSpp.Engine;

/// <summary>A file is not what its format demands, or holds something else than what was asked for.</summary>
public sealed class ModelFormatException : IlgpuSppException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reason">What is wrong with it.</param>
    /// <param name="inner">What the parser said, where it said something.</param>
    public ModelFormatException(string path, string reason, Exception? inner = null)
        : base($"{path}: {OneLine(reason)}.", inner)
    {
        Path = path;
        Reason = OneLine(reason);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What is wrong with it.</summary>
    public string Reason { get; }
}
