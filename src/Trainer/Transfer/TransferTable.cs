using System.Globalization;
using System.Text;

namespace IlgpuSpp.Training;

/// <summary>How one layer does with one view.</summary>
/// <param name="Layer">The layer as it was asked for.</param>
/// <param name="View">The view.</param>
/// <param name="Features">Length of the features.</param>
/// <param name="Mean">Mean class accuracy averaged over the splits, or the 11-point mean average precision; 0 to 1.</param>
/// <param name="Deviation">Standard deviation of the accuracy over the splits (n − 1); NaN for one split or VOC data.</param>
/// <param name="Area">Mean average precision by area; NaN without VOC data.</param>
/// <param name="Side">Shorter side in pixels that images were resized to; null for warped ones.</param>
public sealed record TransferResult(string Layer, FeatureView View, int Features, double Mean, double Deviation, double Area, int? Side);

/// <summary>All layers and views of a transfer.</summary>
/// <param name="Data">Name of the data set.</param>
/// <param name="Measure">What <see cref="TransferResult.Mean"/> is.</param>
/// <param name="Protocol">Images and splits, in one line.</param>
/// <param name="Layers">The layers, in the order of the table's rows.</param>
/// <param name="Views">The views, in the order of its columns.</param>
/// <param name="Results">The measurements; a layer whose features have no fixed length in a view has none there.</param>
public sealed record TransferTable(string Data, string Measure, string Protocol, IReadOnlyList<string> Layers, IReadOnlyList<FeatureView> Views, IReadOnlyList<TransferResult> Results)
{
    /// <summary>One line a measurement, with a heading; shares from 0 to 1.</summary>
    public string ToCsv()
    {
        var text = new StringBuilder("layer,view,features,side,mean,deviation,area\n");
        foreach (TransferResult result in Results)
            text.Append(CultureInfo.InvariantCulture, $"{result.Layer},{Name(result.View)},{result.Features},{result.Side},{result.Mean:F6},{Number(result.Deviation)},{Number(result.Area)}\n");
        return text.ToString();

        static string Number(double value) => double.IsNaN(value) ? "" : value.ToString("F6", CultureInfo.InvariantCulture);
    }

    /// <summary>A Markdown table: a row a layer, a column a view, in per cent, with the shorter side of the images.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Measure} on {Data}, per cent ({Protocol})\n\n| layer |");
        foreach (FeatureView view in Views) text.Append(CultureInfo.InvariantCulture, $" {Name(view)} |");
        text.Append("\n|---|").Append(string.Concat(Views.Select(_ => "---|"))).Append('\n');
        foreach (string layer in Layers)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {layer} |");
            foreach (FeatureView view in Views)
                text.Append(CultureInfo.InvariantCulture, $" {Cell(Results.FirstOrDefault(result => result.Layer == layer && result.View == view))} |");
            text.Append('\n');
        }
        return text.ToString();
    }

    private static string Name(FeatureView view) => view.ToString().ToLowerInvariant();

    private static string Cell(TransferResult? result) => Number(result) + (result?.Side is { } side ? string.Create(CultureInfo.InvariantCulture, $" at {side}") : "");

    private static string Number(TransferResult? result) => result switch
    {
        null => "-",
        { Area: not double.NaN } => string.Create(CultureInfo.InvariantCulture, $"{100 * result.Mean:F2} (area {100 * result.Area:F2})"),
        { Deviation: not double.NaN } => string.Create(CultureInfo.InvariantCulture, $"{100 * result.Mean:F2} ± {100 * result.Deviation:F2}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{100 * result.Mean:F2}"),
    };
}
