using System.Globalization;

namespace IlgpuSpp.Data;

/// <summary>Writes CSV tables as <see cref="BoxTable"/> reads them, one a set.</summary>
internal sealed class BoxTableWriter : IAnnotationWriter
{
    public string ImageFolder => "images";

    public IEnumerable<string> Losses(FlagCounts flags) => [];

    public IReadOnlyList<string> Write(string folder, DetectionDataset data, IReadOnlyList<string> files)
    {
        return [.. AnnotationWriting.SetsAndRest(data, "boxes").Select(part =>
        {
            string path = Path.Combine(folder, part.Set + ".csv");
            CsvTable.Write(path, ["file", "class", "x1", "y1", "x2", "y2", "difficult", "crowd", "truncated"], part.Members.SelectMany(i => Rows($"{ImageFolder}/{files[i]}", data.Images[i], data.ClassNames)));
            return path;
        })];
    }

    private static IEnumerable<string[]> Rows(string file, AnnotatedImage image, IReadOnlyList<string> classNames)
    {
        if (image.Objects.Count == 0) return [[file, "", "", "", "", "", "", "", ""]];
        return image.Objects.Select(item => (string[])[file, classNames[item.Label], Pixel(item.Box.Left), Pixel(item.Box.Top), Pixel(item.Box.Right), Pixel(item.Box.Bottom), Flag(item.Difficult), Flag(item.Crowd), Flag(item.Truncated)]);

        static string Pixel(double value) => (value + 1).ToString(CultureInfo.InvariantCulture);
        static string Flag(bool value) => value ? "1" : "0";
    }
}
