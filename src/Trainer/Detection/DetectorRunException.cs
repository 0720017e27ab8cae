using IlgpuSpp.Engine;

namespace IlgpuSpp.Training;

/// <summary>A detector's run folder cannot be used.</summary>
/// <param name="folder">The folder.</param>
/// <param name="reason">What is wrong and what to do about it.</param>
public sealed class DetectorRunException(string folder, string reason) : IlgpuSppException($"{folder}: {reason}")
{
    /// <summary>The folder.</summary>
    public string Folder { get; } = folder;
}
