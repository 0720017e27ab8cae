using System.Text.Encodings.Web;
using System.Text.Json;

namespace IlgpuSpp.Data;

/// <summary>Writes COCO's JSON, one file a set. Difficult objects are marked by <c>ignore</c>, as many programs do, and truncated ones by <c>truncated</c>; COCO itself knows neither.</summary>
internal sealed class CocoWriter : IAnnotationWriter
{
    private const string WithoutSets = "instances";

    public string ImageFolder => "images";

    public IEnumerable<string> Losses(FlagCounts flags)
    {
        if (flags.Difficult > 0) yield return FormattableString.Invariant($"{flags.Difficult:N0} difficult objects are marked by \"ignore\", which COCO itself does not know");
        if (flags.Truncated > 0) yield return FormattableString.Invariant($"{flags.Truncated:N0} truncated objects are marked by \"truncated\", which COCO itself does not know");
    }

    public IReadOnlyList<string> Write(string folder, DetectionDataset data, IReadOnlyList<string> files)
    {
        return [.. AnnotationWriting.SetsAndRest(data, WithoutSets).Select(part =>
        {
            string path = Path.Combine(folder, part.Set == WithoutSets ? part.Set + ".json" : $"instances_{part.Set}.json");
            AtomicFile.Write(path, stream => Write(stream, data, files, part.Members));
            return path;
        })];
    }

    private static void Write(Stream stream, DetectionDataset data, IReadOnlyList<string> files, int[] members)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteStartArray("images");
        foreach (int i in members)
        {
            json.WriteStartObject();
            json.WriteNumber("id", i + 1);
            json.WriteString("file_name", files[i]);
            json.WriteNumber("width", data.Images[i].Width);
            json.WriteNumber("height", data.Images[i].Height);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("annotations");
        int id = 0;
        foreach (int i in members)
        {
            foreach (AnnotatedObject item in data.Images[i].Objects)
            {
                double width = item.Box.Right - item.Box.Left + 1, height = item.Box.Bottom - item.Box.Top + 1;
                json.WriteStartObject();
                json.WriteNumber("id", ++id);
                json.WriteNumber("image_id", i + 1);
                json.WriteNumber("category_id", item.Label + 1);
                json.WriteStartArray("bbox");
                foreach (double value in (ReadOnlySpan<double>)[item.Box.Left, item.Box.Top, width, height]) json.WriteNumberValue(value);
                json.WriteEndArray();
                json.WriteNumber("area", width * height);
                json.WriteNumber("iscrowd", item.Crowd ? 1 : 0);
                if (item.Difficult) json.WriteNumber("ignore", 1);
                if (item.Truncated) json.WriteNumber("truncated", 1);
                json.WriteEndObject();
            }
        }
        json.WriteEndArray();
        json.WriteStartArray("categories");
        for (int label = 0; label < data.ClassNames.Count; label++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", label + 1);
            json.WriteString("name", data.ClassNames[label]);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
