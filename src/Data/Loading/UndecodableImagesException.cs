namespace IlgpuSpp.Data;

/// <summary>More of a data set's images cannot be decoded than training may skip.</summary>
public sealed class UndecodableImagesException : DatasetException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="dataset">The data set's name.</param>
    /// <param name="failed">Images that could not be decoded so far.</param>
    /// <param name="total">Images in the data set.</param>
    /// <param name="limit">The largest share that may fail, 0 to 1.</param>
    /// <param name="firstName">The first of them.</param>
    /// <param name="firstReason">Why it failed.</param>
    public UndecodableImagesException(string dataset, int failed, int total, double limit, string firstName, string firstReason)
        : base(dataset, FormattableString.Invariant($"{failed} of {total} images ({(double)failed / total:P1}) cannot be decoded, more than the {limit:P1} that may be skipped; the first is {firstName} ({firstReason}); remove or replace these files, or raise the limit."))
    {
        Failed = failed;
        Total = total;
        Limit = limit;
        FirstName = firstName;
    }

    /// <summary>Images that could not be decoded so far.</summary>
    public int Failed { get; }

    /// <summary>Images in the data set.</summary>
    public int Total { get; }

    /// <summary>The share that failed, 0 to 1.</summary>
    public double Share => (double)Failed / Total;

    /// <summary>The largest share that may fail.</summary>
    public double Limit { get; }

    /// <summary>The first image that failed.</summary>
    public string FirstName { get; }
}
