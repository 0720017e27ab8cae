namespace IlgpuSpp.Detection;

/// <summary>Finds windows of an image that may hold an object of any class. Implementations are thread-safe and give the same windows for the same pixels and name.</summary>
public interface IProposalMethod
{
    /// <summary>A short name for tables and logs.</summary>
    string Name { get; }

    /// <summary>Names everything besides the image that the windows depend on: the method, its version and its options. Two methods with the same fingerprint give the same windows.</summary>
    string Fingerprint => Name;

    /// <summary>Refuses images that the method can give no windows for, before any work begins.</summary>
    /// <param name="files">Names as <see cref="Propose"/> takes them.</param>
    /// <exception cref="DatasetException">There is such an image; the message names it.</exception>
    void Check(IReadOnlyList<string> files)
    {
    }

    /// <summary>Proposes windows.</summary>
    /// <param name="image">The image.</param>
    /// <param name="file">The image's name in its data set, or its path: for methods that look windows up. Those that search the pixels pass over it.</param>
    /// <returns>Different windows inside the image, the best first; empty where there are none.</returns>
    IReadOnlyList<PixelBox> Propose(RgbImage image, string file = "");
}
