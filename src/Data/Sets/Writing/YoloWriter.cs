using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace IlgpuSpp.Data;

/// <summary>
/// Writes YOLO data sets: <c>data.yaml</c>, a list of images a set, and one label file an image. YOLO knows no flags: difficult and truncated objects become ordinary ones, and crowds,
/// whose boxes are no object's, are left out.
/// </summary>
internal sealed class YoloWriter : IAnnotationWriter
{
    // YOLO's tools want val; those who made its description of VOC 2007 take the test set.
    private static readonly (string Key, string[] Sets)[] Keys = [("train", ["train", "trainval"]), ("val", ["val", "test"]), ("test", ["test"])];

    public string ImageFolder => "images";

    public IEnumerable<string> Losses(FlagCounts flags)
    {
        if (flags.Crowd > 0) yield return FormattableString.Invariant($"{flags.Crowd:N0} crowds are left out, as YOLO knows none");
        if (flags.Difficult > 0) yield return FormattableString.Invariant($"{flags.Difficult:N0} difficult objects are written as ordinary ones, as YOLO knows no such flag");
        if (flags.Truncated > 0) yield return FormattableString.Invariant($"{flags.Truncated:N0} truncated objects are written without this flag, as YOLO knows none");
    }

    public IReadOnlyList<string> Write(string folder, DetectionDataset data, IReadOnlyList<string> files)
    {
        Directory.CreateDirectory(Path.Combine(folder, "labels"));
        for (int i = 0; i < data.Images.Count; i++)
            AnnotationWriting.Lines(Path.Combine(folder, "labels", Path.GetFileNameWithoutExtension(files[i]) + ".txt"), data.Images[i].Objects.Where(item => !item.Crowd).Select(item => Line(item, data.Images[i])));

        var description = new List<string>();
        Dictionary<string, int[]> sets = AnnotationWriting.Sets(data).ToDictionary(set => set.Set, set => set.Members);
        foreach ((string key, string[] names) in Keys)
        {
            if (Array.Find(names, sets.ContainsKey) is not { } set) continue;
            AnnotationWriting.Lines(Path.Combine(folder, set + ".txt"), sets[set].Select(i => $"./{ImageFolder}/{files[i]}"));
            description.Add($"{key}: {set}.txt");
        }
        if (description.Count == 0) description.Add($"train: {ImageFolder}");
        description.Add(FormattableString.Invariant($"nc: {data.ClassNames.Count}"));
        description.Add("names:");
        // A string of JSON is one of YAML.
        for (int label = 0; label < data.ClassNames.Count; label++) description.Add(FormattableString.Invariant($"  {label}: \"{JsonEncodedText.Encode(data.ClassNames[label], JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\""));
        string path = Path.Combine(folder, "data.yaml");
        AnnotationWriting.Lines(path, description);
        return [path];
    }

    private static string Line(AnnotatedObject item, AnnotatedImage image)
    {
        PixelBox box = item.Box;
        return string.Create(CultureInfo.InvariantCulture, $"{item.Label} {Share((box.Left + box.Right + 1) / 2, image.Width)} {Share((box.Top + box.Bottom + 1) / 2, image.Height)} {Share(box.Right - box.Left + 1, image.Width)} {Share(box.Bottom - box.Top + 1, image.Height)}");

        // Ten digits give a millionth of a pixel back.
        static string Share(double pixels, int side) => (pixels / side).ToString("0.############", CultureInfo.InvariantCulture);
    }
}
