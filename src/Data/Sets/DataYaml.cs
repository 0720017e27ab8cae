using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace IlgpuSpp.Data;

/// <summary>
/// The description of a YOLO data set (<c>data.yaml</c>): where the images of each set are and the names of the classes. It is read event by event, without
/// YamlDotNet's serializer, which needs reflection; anchors and aliases, by which a few lines become gigabytes, are refused.
/// </summary>
/// <param name="Root">The folder that the sets are relative to; null for that of the file.</param>
/// <param name="Sets">Folders, lists and images of each set.</param>
/// <param name="ClassNames">The names by number.</param>
/// <param name="HasKeyPoints">Whether the lines go on with key points behind the box.</param>
internal sealed record DataYaml(string? Root, IReadOnlyDictionary<string, IReadOnlyList<string>> Sets, IReadOnlyList<string> ClassNames, bool HasKeyPoints)
{
    private const int MaxBytes = 1 << 20, MaxDepth = 16;

    /// <summary>Sets under their usual name, and the names that they have in the file.</summary>
    private static readonly (string Set, string[] Keys)[] Known = [("train", ["train"]), ("val", ["val", "valid", "validation"]), ("test", ["test"])];

    /// <summary>Reads a file.</summary>
    /// <exception cref="DatasetException">It is not YAML, or has no sets or no classes.</exception>
    public static DataYaml Read(DataFiles files, string path)
    {
        byte[] bytes = files.Read(path, MaxBytes + 1);
        if (bytes.Length > MaxBytes) throw new DatasetException(path, "has more than a megabyte, more than a description of a data set.");
        Dictionary<string, YamlValue> top = (Parse(path, bytes) as YamlMap ?? throw new DatasetException(path, "is no description of a YOLO data set; it needs train or val, and names.")).Entries;
        var sets = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach ((string set, string[] keys) in Known)
            if (keys.Select(key => top.GetValueOrDefault(key)).FirstOrDefault(value => value is not null) is { } value && Texts(path, set, value) is { Length: > 0 } places) sets[set] = places;
        if (sets.Count == 0) throw new DatasetException(path, "names no images; add train: and val: with the folders of the images.");
        return new DataYaml((top.GetValueOrDefault("path") as YamlText)?.Text is { Length: > 0 } root ? root : null, sets, Names(path, top), top.ContainsKey("kpt_shape"));
    }

    private static string[] Texts(string path, string key, YamlValue value) => value switch
    {
        YamlText { Text: "" or "~" or "null" } => [],
        YamlText text => [text.Text],
        YamlList list when list.Items.All(item => item is YamlText) => [.. list.Items.Select(item => ((YamlText)item).Text)],
        _ => throw new DatasetException(path, $"has something else than a path, or a list of them, for {key}; mend it."),
    };

    private static string[] Names(string path, Dictionary<string, YamlValue> top)
    {
        string[] names = top.GetValueOrDefault("names") switch
        {
            YamlList list => Texts(path, "names", list),
            YamlMap map => [.. Enumerable.Range(0, map.Entries.Count).Select(number => (map.Entries.GetValueOrDefault(FormattableString.Invariant($"{number}")) as YamlText)?.Text
                ?? throw new DatasetException(path, FormattableString.Invariant($"names {map.Entries.Count} classes, but none with the number {number}; number them from 0 without gaps.")))],
            _ => throw new DatasetException(path, "has no names of the classes; add names: with one for every class number."),
        };
        if (names.Length == 0 || names.Contains("")) throw new DatasetException(path, "has a class without a name, or none; give every class number a name.");
        if (top.GetValueOrDefault("nc") is YamlText count && AnnotationValues.Number(count.Text) != names.Length)
            throw new DatasetException(path, FormattableString.Invariant($"says that there are {AnnotationValues.Shown(count.Text)} classes (nc), but names {names.Length}; mend it."));
        return names;
    }

    private static YamlValue? Parse(string path, byte[] bytes)
    {
        try
        {
            var parser = new Parser(new StreamReader(new MemoryStream(bytes)));
            while (parser.MoveNext())
                if (parser.Current is not (StreamStart or DocumentStart or Comment)) return Value(path, parser, 0);
            return null;
        }
        catch (YamlException error)
        {
            throw new DatasetException(FormattableString.Invariant($"{path}, line {error.Start.Line}"), "is not well-formed YAML; mend the file.", error);
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException)
        {
            // What the parser throws where a line begins what none of its states goes on with, and at half a surrogate pair.
            throw new DatasetException(path, "is not well-formed YAML; mend the file.", error);
        }
    }

    private static YamlValue? Value(string path, Parser parser, int depth)
    {
        ParsingEvent now = parser.Current!;
        DatasetException Refusal(string what) => new(FormattableString.Invariant($"{path}, line {now.Start.Line}"), what);
        if (depth > MaxDepth) throw Refusal($"is nested more than {MaxDepth} deep; it is no description of a data set.");
        switch (now)
        {
            case Scalar scalar:
                return new YamlText(scalar.Value.Trim());
            case SequenceStart:
                var items = new List<YamlValue>();
                while (parser.MoveNext() && parser.Current is not SequenceEnd)
                    if (Value(path, parser, depth + 1) is { } item) items.Add(item);
                return new YamlList(items);
            case MappingStart:
                var entries = new Dictionary<string, YamlValue>(StringComparer.Ordinal);
                while (parser.MoveNext() && parser.Current is not MappingEnd)
                {
                    string? key = (Value(path, parser, depth + 1) as YamlText)?.Text;
                    if (key is null || !parser.MoveNext() || Value(path, parser, depth + 1) is not { } value) throw Refusal("has a list or a map for a key; mend it.");
                    if (!entries.TryAdd(key, value)) throw Refusal($"has '{AnnotationValues.Shown(key)}' twice; remove one of them.");
                }
                return new YamlMap(entries);
            case AnchorAlias:
                throw Refusal("has an alias (*); write the value out.");
            default:
                return null;
        }
    }

    private abstract record YamlValue;

    private sealed record YamlText(string Text) : YamlValue;

    private sealed record YamlList(List<YamlValue> Items) : YamlValue;

    private sealed record YamlMap(Dictionary<string, YamlValue> Entries) : YamlValue;
}
