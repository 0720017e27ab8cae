using IlgpuSpp.Engine;

namespace IlgpuSpp.Data;

/// <summary>Thrown when a file does not hold what its place in a data set calls for: a damaged image, a malformed table, an unknown format.</summary>
public sealed class DataFormatException : IlgpuSppException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">The file (or any name the caller gave to the data), or <see langword="null"/> where the data has no name.</param>
    /// <param name="reason">One line: what is wrong and what to do about it.</param>
    /// <param name="innerException">The failure underneath, where there was one.</param>
    public DataFormatException(string? path, string reason, Exception? innerException = null)
        : base(path is null ? reason : $"{path}: {reason}", innerException)
    {
        Path = path;
        Reason = reason;
    }

    /// <summary>The file concerned, or <see langword="null"/> where the data has no name.</summary>
    public string? Path { get; }

    /// <summary>What is wrong and what to do about it, without the path.</summary>
    public string Reason { get; }
}
