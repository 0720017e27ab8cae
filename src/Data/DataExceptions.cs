namespace IlgpuSpp.Data;

/// <summary>Thrown when a file does not hold what its place in a data set calls for: a damaged image, a malformed table, an unknown format.</summary>
/// <param name="path">The file (or any name the caller gave to the data), or <see langword="null"/> where the data has no name.</param>
/// <param name="reason">One line: what is wrong and what to do about it.</param>
/// <param name="innerException">The failure underneath, where there was one.</param>
public sealed class DataFormatException(string? path, string reason, Exception? innerException = null)
    : IlgpuSppException(path is null ? OneLine(reason) : $"{path}: {OneLine(reason)}", innerException)
{
    /// <summary>The file concerned, or <see langword="null"/> where the data has no name.</summary>
    public string? Path { get; } = path;

    /// <summary>What is wrong and what to do about it, without the path.</summary>
    public string Reason { get; } = OneLine(reason);
}

/// <summary>A data set cannot be used as it is: a missing folder, a single class, a malformed manifest, too many damaged images.</summary>
/// <param name="location">The folder or file concerned, with its line where there is one.</param>
/// <param name="reason">One line: what is wrong and what to do about it.</param>
/// <param name="inner">The failure underneath, where there was one.</param>
public class DatasetException(string location, string reason, Exception? inner = null)
    : IlgpuSppException($"{location}: {OneLine(reason)}", inner)
{
    /// <summary>The folder or file concerned, with its line where there is one.</summary>
    public string Location { get; } = location;

    /// <summary>What is wrong and what to do about it, without the location.</summary>
    public string Reason { get; } = OneLine(reason);
}

/// <summary>More of a data set's images cannot be decoded than training may skip.</summary>
/// <param name="dataset">The data set's name.</param>
/// <param name="failed">Images that could not be decoded so far.</param>
/// <param name="total">Images in the data set.</param>
/// <param name="limit">The largest share that may fail, 0 to 1.</param>
/// <param name="firstName">The first of them.</param>
/// <param name="firstReason">Why it failed.</param>
public sealed class UndecodableImagesException(string dataset, int failed, int total, double limit, string firstName, string firstReason)
    : DatasetException(dataset, FormattableString.Invariant($"{failed} of {total} image{(total == 1 ? "" : "s")} ({(double)failed / total:P1}) cannot be decoded, more than the {limit:P1} that may be skipped; the first is {firstName} ({firstReason}); remove or replace these files, or raise the limit."))
{
    /// <summary>Images that could not be decoded so far.</summary>
    public int Failed { get; } = failed;

    /// <summary>Images in the data set.</summary>
    public int Total { get; } = total;

    /// <summary>The share that failed, 0 to 1.</summary>
    public double Share => (double)Failed / Total;

    /// <summary>The largest share that may fail.</summary>
    public double Limit { get; } = limit;

    /// <summary>The first image that failed.</summary>
    public string FirstName { get; } = firstName;
}
