namespace IlgpuSpp.Engine;

/// <summary>A model file is damaged, hostile, or not what it is used as.</summary>
public sealed class ModelFormatException : FormatException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reason">What is wrong with it, without a final full stop.</param>
    /// <param name="inner">The cause, where there is one.</param>
    public ModelFormatException(string path, string reason, Exception? inner = null)
        : base($"{path}: {reason}.", inner)
    {
        Path = path;
        Reason = reason;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What is wrong with it.</summary>
    public string Reason { get; }
}
