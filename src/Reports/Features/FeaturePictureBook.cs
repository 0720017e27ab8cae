using System.Globalization;
using IlgpuSpp.Data;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Engine;
using IlgpuSpp.Inference;
using IlgpuSpp.Layers;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Reports;

/// <summary>
/// Pictures of a layer as PNG files and one page: heat maps over whole images, the layer's channels, and for the filters with the
/// strongest responses the images that activate them most, with the place marked (the paper, Figure 2).
/// </summary>
/// <param name="model">The model; not disposed.</param>
/// <param name="request">A layer of maps; levels are left aside.</param>
/// <param name="options">How many pictures.</param>
/// <param name="logger">Is warned of images that are left out.</param>
internal sealed class FeaturePictureBook(TrainedModel model, FeatureRequest request, FeaturePictureOptions? options = null, ILogger? logger = null)
{
    private readonly FeaturePictureOptions _options = options ?? new FeaturePictureOptions();
    private readonly FeatureRequest _request = request with { Levels = [] };

    /// <summary>Makes the pictures.</summary>
    /// <param name="files">The images.</param>
    /// <param name="folder">Where the pictures and <c>index.html</c> go; created where missing.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <returns>Images that were left out because they cannot be decoded.</returns>
    /// <exception cref="ArgumentException">The layer has no maps, or no place in the image belongs to its responses.</exception>
    /// <exception cref="DataFormatException">None of the images can be decoded.</exception>
    /// <exception cref="IOException">The pictures cannot be written.</exception>
    public int Write(IReadOnlyList<string> files, string folder, CancellationToken cancellation = default)
    {
        _options.Validate();
        ReceptiveField field = Field();
        int side = _options.MinimumSide ?? model.FullImageSide;
        InputPreparation preparation = model.Preparation with { MinSide = side, CropSize = Math.Min(model.Preparation.CropSize, side) };
        using var extractor = new FeatureExtractor(model, [_request], FeatureView.Full, side);
        var maxima = new FilterMaxima(_options.Top);
        var maps = new List<(int File, FeatureArray Map)>();
        int refused = 0;
        for (int i = 0; i < files.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                FeatureArray map = extractor.Extract([ImageDecoder.DecodeFile(files[i])])[0][0][0];
                if (map.Shape.Rank != 3) throw new ArgumentException($"{_request.Layer} gives no maps; take a layer in front of the pooling.");
                maxima.Add(i, map);
                if (maps.Count < _options.Maps) maps.Add((i, map));
            }
            catch (Exception error) when (error is DataFormatException or IOException or UnauthorizedAccessException)
            {
                logger?.LogWarning("{Image} is left out: {Reason}", files[i], error.Message);
                refused++;
            }
        }
        if (maxima.Filters == 0) throw new DataFormatException(folder, "none of the images can be decoded");
        if (_options.Numbers.FirstOrDefault(number => number >= maxima.Filters, -1) is >= 0 and var missing)
            throw new ArgumentException($"{_request.Layer} has the filters 0 to {maxima.Filters - 1}; there is no filter {missing}.");

        Directory.CreateDirectory(folder);
        var page = new HtmlPage($"{_request.Name} of {model.Model.Description.Name}")
        {
            Facts = [
                new NamedValue("made", ReportNumber.Time(DateTimeOffset.Now)),
                new NamedValue("images", (files.Count - refused).ToString(CultureInfo.InvariantCulture)),
                new NamedValue("channels", maxima.Filters.ToString(CultureInfo.InvariantCulture)),
                new NamedValue("a response sees", string.Create(CultureInfo.InvariantCulture, $"{field.Size} pixels, every {field.Stride}")),
            ],
        };
        AddMaps(page, maps, files, folder, field, Load);
        AddFilters(page, maxima, files, folder, field, Load, cancellation);
        File.WriteAllText(Path.Combine(folder, "index.html"), page.Render());
        return refused;

        RgbImage Load(int file) => preparation.ResizeMinSide(ImageDecoder.DecodeFile(files[file]));
    }

    private static void AddMaps(HtmlPage page, List<(int File, FeatureArray Map)> maps, IReadOnlyList<string> files, string folder, ReceptiveField field, Func<int, RgbImage> load)
    {
        var heat = new List<ImageCard>();
        var channels = new List<ImageCard>();
        double[] strongest = [.. maps.Select(item => (double)FeatureMapPictures.ChannelSum(item.Map).DefaultIfEmpty().Max())];
        for (int i = 0; i < maps.Count; i++)
        {
            (int file, FeatureArray map) = maps[i];
            RgbImage picture = FeatureMapPictures.Heat(load(file), FeatureMapPictures.ChannelSum(map), map.Shape[0], map.Shape[1], field);
            string name = Path.GetFileName(files[file]), size = string.Create(CultureInfo.InvariantCulture, $"{map.Shape[1]} by {map.Shape[0]} places");
            heat.Add(Card(Save(picture, folder, $"heat-{i + 1}.png"), size, name, Strength("strongest", strongest[i], strongest.Max())));
            channels.Add(Card(Save(FeatureMapPictures.ContactSheet(map), folder, $"channels-{i + 1}.png"), size, name));
        }
        if (maps.Count == 0) return;
        page.Add("Where the layer responds", new ColourScale("no response", "the image's strongest"), new ImageGrid(heat) { Hint = "Sum of all channels over the image.", IsLarge = true });
        page.AddFolded("Channels", new ColourScale("the channel's smallest value", "its largest"), new ImageGrid(channels) { Hint = "Every channel of the map, row by row.", IsLarge = true });
    }

    private void AddFilters(HtmlPage page, FilterMaxima maxima, IReadOnlyList<string> files, string folder, ReceptiveField field, Func<int, RgbImage> load, CancellationToken cancellation)
    {
        foreach (int filter in _options.Numbers.Count > 0 ? _options.Numbers : maxima.ByStrength().Take(_options.Filters))
        {
            cancellation.ThrowIfCancellationRequested();
            var cards = new List<ImageCard>();
            float strongest = maxima.Of(filter)[0].Value;
            foreach (FilterMaximum maximum in maxima.Of(filter))
            {
                RgbImage image = load(maximum.Image), marked = FeatureMapPictures.Marked(image, maximum.Row, maximum.Column, field);
                byte[] png = Save(marked, folder, string.Create(CultureInfo.InvariantCulture, $"filter-{filter}-{cards.Count + 1}.png"));
                cards.Add(Card(png, FeatureMapPictures.Place(image, maximum.Row, maximum.Column, field), Path.GetFileName(files[maximum.Image]), Strength("response", maximum.Value, strongest)));
            }
            page.Add(string.Create(CultureInfo.InvariantCulture, $"Filter {filter}"), new ImageGrid(cards));
        }
    }

    private ReceptiveField Field()
    {
        Network network = model.Model.Network;
        try
        {
            return ReceptiveField.Of(LayerPath.Find(network, _request.Layer).Through(network));
        }
        catch (NotSupportedException error)
        {
            throw new ArgumentException($"No place in the image belongs to a response of {_request.Layer}: {error.Message}", error);
        }
    }

    private static byte[] Save(RgbImage picture, string folder, string name)
    {
        byte[] png = ImageWriter.Png(picture);
        IlgpuSpp.Engine.AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(png), durable: false);
        return png;
    }

    private static ImageCard Card(byte[] png, string title, string caption, params BarItem[] bars) => new(png, title, bars, caption, CardMark.None);

    private static BarItem Strength(string name, double value, double strongest) => new(name, strongest > 0 ? value / strongest : 0, value.ToString("G4", CultureInfo.InvariantCulture), "");
}

/// <summary>How many pictures of a layer are made.</summary>
internal sealed record FeaturePictureOptions
{
    /// <summary>Filters shown, those with the strongest responses; at least 1.</summary>
    public int Filters { get; init; } = 16;

    /// <summary>The filters shown in the place of the strongest, counted from 0; empty for those.</summary>
    public IReadOnlyList<int> Numbers { get; init; } = [];

    /// <summary>Images shown for each filter, at least 1.</summary>
    public int Top { get; init; } = 6;

    /// <summary>Images whose heat map and channels are shown, the first ones; at least 0.</summary>
    public int Maps { get; init; } = 4;

    /// <summary>Shorter side that images are resized to; null for that of the training.</summary>
    public int? MinimumSide { get; init; }

    /// <summary>Refuses options that cannot work.</summary>
    /// <exception cref="OptionsException">The first option that cannot work, with what it must be.</exception>
    public void Validate()
    {
        OptionCheck.AtLeast(Filters, 1);
        OptionCheck.AtLeast(Numbers.DefaultIfEmpty().Min(), 0, nameof(Numbers));
        OptionCheck.AtLeast(Top, 1);
        OptionCheck.AtLeast(Maps, 0);
        OptionCheck.AtLeast(MinimumSide ?? 1, 1, nameof(MinimumSide));
    }
}

/// <summary>Where a filter answers most strongly in one image.</summary>
/// <param name="Image">Number of the image.</param>
/// <param name="Row">Row of the response in the map.</param>
/// <param name="Column">Column of the response.</param>
/// <param name="Value">The response.</param>
internal readonly record struct FilterMaximum(int Image, int Row, int Column, float Value);

/// <summary>Collects, for each filter of a layer, the images that activate it most (the paper, Figure 2).</summary>
/// <param name="keep">Images kept for each filter, at least 1.</param>
internal sealed class FilterMaxima(int keep)
{
    private List<FilterMaximum>[] _best = [];

    /// <summary>Number of filters; 0 before the first image.</summary>
    public int Filters => _best.Length;

    /// <summary>Takes in an image's map.</summary>
    /// <param name="image">Number of the image.</param>
    /// <param name="map">The map, <c>[h, w, c]</c>.</param>
    public void Add(int image, FeatureArray map)
    {
        int width = map.Shape[1], channels = map.Shape[2];
        if (_best.Length == 0) _best = [.. Enumerable.Range(0, channels).Select(_ => new List<FilterMaximum>())];
        for (int c = 0; c < channels; c++)
        {
            int strongest = 0;
            for (int i = 1; i * channels < map.Values.Length; i++)
                if (map.Values[i * channels + c] > map.Values[strongest * channels + c]) strongest = i;
            float value = map.Values[strongest * channels + c];
            List<FilterMaximum> best = _best[c];
            if (best.Count == keep && value <= best[^1].Value) continue;
            int place = best.FindIndex(other => value > other.Value);
            best.Insert(place < 0 ? best.Count : place, new FilterMaximum(image, strongest / width, strongest % width, value));
            if (best.Count > keep) best.RemoveAt(keep);
        }
    }

    /// <summary>A filter's images, the strongest first; of equal ones the earlier first.</summary>
    /// <param name="filter">The filter.</param>
    public IReadOnlyList<FilterMaximum> Of(int filter) => _best[filter];

    /// <summary>The filters by their strongest response, descending.</summary>
    public IReadOnlyList<int> ByStrength() => [.. Enumerable.Range(0, _best.Length).OrderByDescending(c => _best[c][0].Value)];
}
