using IlgpuSpp.Engine;

namespace IlgpuSpp.Data;

/// <summary>A data set cannot be used as it is: a missing folder, a single class, a malformed manifest, too many damaged images.</summary>
public class DatasetException : IlgpuSppException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="location">The folder or file concerned, with its line where there is one.</param>
    /// <param name="reason">One line: what is wrong and what to do about it.</param>
    /// <param name="inner">The failure underneath, where there was one.</param>
    public DatasetException(string location, string reason, Exception? inner = null)
        : base($"{location}: {reason}", inner)
    {
        Location = location;
        Reason = reason;
    }

    /// <summary>The folder or file concerned, with its line where there is one.</summary>
    public string Location { get; }

    /// <summary>What is wrong and what to do about it, without the location.</summary>
    public string Reason { get; }
}
