namespace IlgpuSpp.Engine;

/// <summary>What this library throws of its own: every exception type of the project derives from it.</summary>
/// <param name="message">What went wrong and what to do about it, for a user to read.</param>
/// <param name="inner">The failure underneath, where there was one.</param>
public abstract class IlgpuSppException(string message, Exception? inner = null) : Exception(message, inner)
{
    private const int LongestBeginning = 400, LongestEnd = 200;

    /// <summary>A reason that tells of what a file holds, as one line: control characters become question marks, and what is long is cut in the middle, since it ends with what to do.</summary>
    /// <param name="reason">The reason.</param>
    protected static string OneLine(string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        if (reason.Length > LongestBeginning + LongestEnd) reason = $"{reason[..LongestBeginning]} ... {reason[^LongestEnd..]}";
        return string.Create(reason.Length, reason, static (line, text) =>
        {
            for (int i = 0; i < line.Length; i++) line[i] = char.IsControl(text[i]) ? '?' : text[i];
        });
    }
}
