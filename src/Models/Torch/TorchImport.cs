using System.Collections.Immutable;

namespace IlgpuSpp.Models;

/// <summary>How weights from PyTorch are taken over.</summary>
public sealed record TorchImportOptions
{
    /// <summary>Levels of a pyramid in the place of the last pooling; empty for the published network.</summary>
    public ImmutableArray<int> Pyramid { get; init; } = [];

    /// <summary>
    /// Number of classes of a new, untrained classifier on top of the file's convolutions; null to take over the file's
    /// classifier.
    /// </summary>
    public int? NewHeadClasses { get; init; }

    /// <summary>Name of each class; empty where none are known.</summary>
    public ImmutableArray<string> ClassNames { get; init; } = [];

    /// <summary>Seed of a new classifier's first values.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>
/// Reads <c>.safetensors</c> files of torchvision, timm and Hugging Face: AlexNet, VGG-16 (without batch normalisation) and ResNet-18. A
/// pyramid of the one level that AlexNet (6) and VGG-16 (7) pool to keeps their classifiers, and their scores at 224
/// pixels, and lets them take images of any size.
/// </summary>
public static class TorchImport
{
    /// <summary>The networks whose names are known.</summary>
    public static IReadOnlyList<string> Architectures { get; } = [.. TorchNames.All.Select(names => names.Architecture)];

    /// <summary>Reads a network.</summary>
    /// <param name="path">The file.</param>
    /// <param name="architecture">One of <see cref="Architectures"/>.</param>
    /// <param name="options">Pyramid and classifier.</param>
    /// <param name="backend">Where it will run.</param>
    /// <exception cref="UnknownModelException">The architecture is not one of them.</exception>
    /// <exception cref="ModelFormatException">A tensor is missing or does not fit, or the file is damaged.</exception>
    /// <exception cref="ArgumentException">The file's classifier cannot be used with the pyramid, or an option is out of range.</exception>
    public static Model Read(string path, string architecture, TorchImportOptions options, Backend backend)
    {
        TorchNames names = TorchNames.All.FirstOrDefault(known => known.Architecture.Equals(architecture, StringComparison.OrdinalIgnoreCase)) ?? throw new UnknownModelException(architecture, Architectures);
        bool newHead = options.NewHeadClasses is not null;
        if (!newHead && options.Pyramid.Length > 0 && !(names.GridSide > 0 && options.Pyramid.AsSpan().SequenceEqual([names.GridSide])))
            throw new ArgumentException($"The classifier of {names.Architecture} was trained on {(names.GridSide > 0 ? $"a {names.GridSide}x{names.GridSide} grid and fits only a pyramid of that one level" : "averages, which no pyramid gives")}; ask for a new classifier, or for no pyramid.", nameof(options));
        using SafetensorsFile file = SafetensorsFile.Open(path);
        string prefix = Prefix(file, names);
        int classes = options.NewHeadClasses ?? Classes(file, path, prefix, names);
        if (options.ClassNames.Length > 0 && options.ClassNames.Length != classes)
            throw new ArgumentException($"There are {options.ClassNames.Length} class names, but the network has {classes} outputs.", nameof(options));
        var description = new ModelDescription
        {
            Architecture = names.Architecture,
            Options = new ModelOptions { Classes = classes, Pyramid = options.Pyramid },
            ClassNames = options.ClassNames,
        };
        Layer root = Zoo.Contains(names.Architecture) ? Zoo.Build(Zoo.Find(names.Architecture), description.Options) : AlexNetwork.Build(description.Options);
        var model = new Model(description, root, backend, options.Seed);
        try
        {
            // What is left without a tensor of the file is the new classifier.
            foreach (Parameter parameter in model.Network.Parameters)
            {
                string layer = parameter.FullName[..^(parameter.Name.Length + 1)];
                if (newHead && TorchNames.IsHead(layer)) continue;
                parameter.Value.Upload(Values(file, path, parameter, Tensor(file, path, prefix, names.Names[layer], parameter.Name)));
            }
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    // What wrappers put before every name (module., _orig_mod., net.): found from the tensors that end as one of the first layer does.
    private static string Prefix(SafetensorsFile file, TorchNames names)
    {
        string[] endings = [.. names.Names.Values.First().Select(name => name + ".weight")];
        return file.Names
            .SelectMany(tensor => endings.Where(ending => tensor.EndsWith(ending, StringComparison.Ordinal)).Select(ending => tensor[..^ending.Length]))
            .Where(prefix => prefix.Length == 0 || prefix.EndsWith('.'))
            .Distinct()
            .OrderByDescending(prefix => names.Names.Values.Count(known => known.Any(name => file.Contains($"{prefix}{name}.weight"))))
            .ThenBy(prefix => prefix.Length)
            .FirstOrDefault("");
    }

    private static int Classes(SafetensorsFile file, string path, string prefix, TorchNames names)
    {
        int[] shape = file.Shape(Tensor(file, path, prefix, names.Names[names.LastLayer], "weight"));
        return shape is [>= 2, ..] ? shape[0] : throw new ModelFormatException(path, $"the scores' weights have shape [{string.Join(", ", shape)}]");
    }

    private static string Tensor(SafetensorsFile file, string path, string prefix, string[] layers, string parameter) =>
        // A head may stand outside of the part that a wrapper names.
        layers.SelectMany(layer => (string[])[$"{prefix}{layer}.{parameter}", $"{layer}.{parameter}"]).FirstOrDefault(file.Contains)
        ?? throw new ModelFormatException(path, $"tensor {prefix}{layers[0]}.{parameter} is missing, as if the file were of another network");

    private static float[] Values(SafetensorsFile file, string path, Parameter parameter, string tensor)
    {
        Shape expected = parameter.FileShape;
        int[] shape = file.Shape(tensor);
        // timm writes fully connected layers as convolutions, [out, channels, rows, columns]: the same numbers in the same order.
        bool asConvolution = expected.Rank == 2 && shape.Length == 4 && shape[0] == expected[0] && shape.Skip(1).Aggregate(1L, (product, extent) => product * extent) == expected[1];
        if (!asConvolution && !shape.AsSpan().SequenceEqual(expected.ToArray()))
            throw new ModelFormatException(path, $"tensor {tensor} has shape [{string.Join(", ", shape)}], but the network's {parameter.FullName} needs {expected}");
        var values = new float[expected.Count];
        file.ReadFloats(tensor, values);
        return parameter.FromFile(values);
    }
}
