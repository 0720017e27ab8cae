using Microsoft.AspNetCore.WebUtilities;

namespace IlgpuSpp.AspNetCore;

/// <summary>A request or an image that is answered with a problem: a status and one line that says what to do.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="detail">What is wrong and what to do.</param>
internal sealed class RefusalException(int status, string detail) : IlgpuSppException(detail)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>Seconds after which it is worth asking again, or null.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The problem as it is told.</summary>
    public ProblemAnswer Problem => new(status, ReasonPhrases.GetReasonPhrase(status), Message);
}
