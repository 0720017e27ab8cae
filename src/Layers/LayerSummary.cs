using System.Globalization;
using System.Text;

namespace IlgpuSpp.Layers;

/// <summary>One line of a <see cref="LayerSummary"/>.</summary>
/// <param name="Name">Full name of the layer.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Output">Shape of its output.</param>
/// <param name="Parameters">Trainable values.</param>
/// <param name="MultiplyAdds">Multiply-adds of the forward pass.</param>
/// <param name="Bytes">Bytes of the output.</param>
public sealed record SummaryLine(string Name, string Kind, Shape Output, long Parameters, long MultiplyAdds, long Bytes);

/// <summary>What a network does with inputs of one size: layers, shapes, parameters, multiply-adds and memory.</summary>
/// <param name="Input">Shape of the input.</param>
/// <param name="Lines">One line a layer that is no container.</param>
public sealed record LayerSummary(Shape Input, IReadOnlyList<SummaryLine> Lines)
{
    /// <summary>Trainable values of the whole network.</summary>
    public long Parameters => Lines.Sum(line => line.Parameters);

    /// <summary>Multiply-adds of one forward pass.</summary>
    public long MultiplyAdds => Lines.Sum(line => line.MultiplyAdds);

    /// <summary>Bytes of all outputs together.</summary>
    public long ActivationBytes => Lines.Sum(line => line.Bytes);

    /// <summary>Follows an input through the layers, without any memory on a device.</summary>
    /// <param name="root">The layers.</param>
    /// <param name="input">Shape of the input, batch included.</param>
    /// <exception cref="InputTooSmallException">The input is too small.</exception>
    /// <exception cref="ShapeMismatchException">The layers do not fit the input.</exception>
    public static LayerSummary Of(Layer root, Shape input)
    {
        var lines = new List<SummaryLine>();
        Visit(root, root.Name, input, lines);
        return new LayerSummary(input, lines);
    }

    /// <summary>The summary as a text table.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        int names = Math.Max(5, Lines.Max(line => line.Name.Length)), kinds = Math.Max(4, Lines.Max(line => line.Kind.Length));
        Row("layer", "kind", "output", "parameters", "multiply-adds", "memory");
        foreach (SummaryLine line in Lines)
            Row(line.Name, line.Kind, line.Output.ToString(), Count(line.Parameters), Count(line.MultiplyAdds), Megabytes(line.Bytes));
        Row("total", "", $"input {Input}", Count(Parameters), Count(MultiplyAdds), Megabytes(ActivationBytes));
        return text.ToString();

        void Row(string name, string kind, string output, string parameters, string multiplyAdds, string memory) =>
            text.AppendLine(CultureInfo.InvariantCulture, $"{name.PadRight(names)}  {kind.PadRight(kinds)}  {output,-22}  {parameters,14}  {multiplyAdds,18}  {memory,10}");

        static string Count(long value) => value == 0 ? "-" : value.ToString("N0", CultureInfo.InvariantCulture);
        static string Megabytes(long bytes) => (bytes / 1048576.0).ToString("F2", CultureInfo.InvariantCulture) + " MB";
    }

    private static void Visit(Layer layer, string name, Shape input, List<SummaryLine> lines)
    {
        if (layer.Children.Count == 0)
        {
            Shape output = layer.OutputShape(input);
            lines.Add(new SummaryLine(name, layer.Kind, output, layer.Parameters.Where(p => p.Trainable).Sum(p => p.Shape.Count),
                layer.MultiplyAdds(input), output.Count * sizeof(float)));
            return;
        }
        foreach (Layer child in layer.Children)
        {
            Visit(child, name.Length == 0 ? child.Name : $"{name}.{child.Name}", input, lines);
            if (layer is Sequential) input = child.OutputShape(input);
        }
    }
}
