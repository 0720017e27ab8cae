using System.Globalization;
using System.Text;

namespace IlgpuSpp.Inference;

/// <summary>Writes rows of features as they come: <c>.csv</c>, or <c>.npy</c> (NumPy's format, version 1.0) with the rows' names in a CSV file beside it. The file appears when it is complete.</summary>
public sealed class FeatureFile : IDisposable
{
    // NumPy pads its header with spaces so that the data starts at a multiple of 64; 192 leaves room for any number of rows.
    private const int NpyHeader = 192;

    private readonly string _path, _temporary;
    private readonly bool _npy;
    private readonly FileStream _stream;
    private readonly StreamWriter? _csv;
    private readonly StringBuilder _names = new("file,view\n");
    private Shape? _shape;
    private long _rows;

    /// <summary>Starts a file.</summary>
    /// <param name="path">The file; its extension tells the format.</param>
    /// <exception cref="ArgumentException">The extension is neither .csv nor .npy.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public FeatureFile(string path)
    {
        string extension = Path.GetExtension(path).ToLowerInvariant();
        if (extension is not (".csv" or ".npy")) throw new ArgumentException($"{path}: features are written as .csv or .npy.");
        _path = path;
        _npy = extension == ".npy";
        _temporary = path + ".part";
        _stream = new FileStream(_temporary, FileMode.Create, FileAccess.Write);
        if (_npy) _stream.Write(new byte[NpyHeader]);
        else _csv = new StreamWriter(_stream, new UTF8Encoding(false));
    }

    /// <summary>Rows written.</summary>
    public long Rows => _rows;

    /// <summary>Writes a row.</summary>
    /// <param name="file">The image that it comes from.</param>
    /// <param name="view">Number of the view, from 0.</param>
    /// <param name="features">The features, of the same shape in every row.</param>
    /// <exception cref="ArgumentException">The shape is not that of the rows before.</exception>
    public void Write(string file, int view, FeatureArray features)
    {
        _shape ??= features.Shape;
        if (_shape != features.Shape)
            throw new ArgumentException($"{file} gives activations of shape {features.Shape}, the images before of {_shape}; pool them with levels such as conv5@6, or take crops.");
        if (_npy)
        {
            _stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(features.Values));
            _names.Append(CultureInfo.InvariantCulture, $"{Quoted(file)},{view}\n");
        }
        else
        {
            if (_rows == 0) _csv!.WriteLine("file,view," + string.Join(',', Enumerable.Range(0, features.Values.Length).Select(i => $"f{i}")));
            _csv!.Write(string.Create(CultureInfo.InvariantCulture, $"{Quoted(file)},{view}"));
            foreach (float value in features.Values)
            {
                _csv.Write(',');
                _csv.Write(value.ToString("R", CultureInfo.InvariantCulture));
            }
            _csv.WriteLine();
        }
        _rows++;
    }

    /// <summary>Ends the file and gives it its name.</summary>
    public void Complete()
    {
        if (_npy)
        {
            string extents = string.Concat((_shape ?? new Shape(0)).ToArray().Select(extent => string.Create(CultureInfo.InvariantCulture, $", {extent}")));
            string header = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({_rows}{extents}), }}");
            byte[] bytes = Encoding.ASCII.GetBytes(header.PadRight(NpyHeader - 11) + "\n");
            _stream.Position = 0;
            _stream.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, (byte)(bytes.Length & 255), (byte)(bytes.Length >> 8)]);
            _stream.Write(bytes);
            File.WriteAllText(Path.ChangeExtension(_path, ".files.csv"), _names.ToString());
        }
        _csv?.Flush();
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
        File.Move(_temporary, _path, overwrite: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _stream.Dispose();
        }
        catch (IOException)
        {
            // What could not be written is removed below; the first failure is the one to report.
        }
        File.Delete(_temporary);
    }

    private static string Quoted(string text) => text.AsSpan().IndexOfAny(",\"\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
