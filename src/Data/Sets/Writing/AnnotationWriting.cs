using System.Text;

namespace IlgpuSpp.Data;

/// <summary>How many objects of a data set have a flag.</summary>
internal readonly record struct FlagCounts(int Difficult, int Crowd, int Truncated);

/// <summary>Writes the annotations of a data set in one format.</summary>
internal interface IAnnotationWriter
{
    /// <summary>The folder of the images below that of the data set.</summary>
    string ImageFolder { get; }

    /// <summary>What the format has no word for, one sentence a flag.</summary>
    IEnumerable<string> Losses(FlagCounts flags);

    /// <summary>Writes the annotations, every file whole or not at all.</summary>
    /// <param name="folder">The folder of the data set, which exists.</param>
    /// <param name="data">The data set.</param>
    /// <param name="files">The names of the image files in <see cref="ImageFolder"/>, whose stems are unique.</param>
    /// <returns>What to name to read it, one path a set where sets are files.</returns>
    IReadOnlyList<string> Write(string folder, DetectionDataset data, IReadOnlyList<string> files);
}

/// <summary>What writers of annotations share.</summary>
internal static class AnnotationWriting
{
    /// <summary>The sets that images are listed in, with the positions of their images.</summary>
    public static IEnumerable<(string Set, int[] Members)> Sets(DetectionDataset data) => Enumerable.Range(0, data.Images.Count)
        .SelectMany(i => data.Images[i].Sets.Select(set => (set, i)))
        .GroupBy(item => item.set, StringComparer.Ordinal)
        .Select(group => (group.Key, group.Select(item => item.i).ToArray()));

    /// <summary>The same and the images in no set, which are all where there are none.</summary>
    public static (string Set, int[] Members)[] SetsAndRest(DetectionDataset data, string restName)
    {
        int[] rest = [.. Enumerable.Range(0, data.Images.Count).Where(i => data.Images[i].Sets.Count == 0)];
        return [.. Sets(data), .. rest.Length > 0 ? ((string, int[])[])[(restName, rest)] : []];
    }

    /// <summary>Writes a text file in UTF-8.</summary>
    public static void Lines(string path, IEnumerable<string> lines) => AtomicFile.Write(path, stream =>
    {
        foreach (string line in lines) stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
    }, durable: false);
}
