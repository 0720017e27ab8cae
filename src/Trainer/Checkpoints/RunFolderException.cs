using IlgpuSpp.Engine;

namespace IlgpuSpp.Training;

/// <summary>A run's folder cannot be used or written: it holds another run, is not writable, or the disk is full.</summary>
public sealed class RunFolderException : IlgpuSppException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">The folder or the file in it.</param>
    /// <param name="reason">One line: what is wrong and what to do about it.</param>
    /// <param name="inner">The failure underneath, where there was one.</param>
    public RunFolderException(string path, string reason, Exception? inner = null)
        : base($"{path}: {reason}", inner)
    {
        Location = path;
        Reason = reason;
    }

    /// <summary>The folder or the file in it.</summary>
    public string Location { get; }

    /// <summary>What is wrong and what to do about it, without the location.</summary>
    public string Reason { get; }
}
