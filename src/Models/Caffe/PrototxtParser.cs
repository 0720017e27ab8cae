using System.Text;

namespace IlgpuSpp.Models;

/// <summary>
/// Reads protocol buffers' text format, the format of <c>.prototxt</c> files: <c>name: value</c>, <c>name { … }</c>,
/// <c>name: [a, b]</c>, comments from <c>#</c>. The names are kept as they are; what they mean is the caller's matter.
/// </summary>
internal sealed class PrototxtParser(string path, string text)
{
    private const int DeepestMessage = 32;
    private const long LargestFile = 64 << 20;

    private readonly string _path = path;
    private readonly string _text = text;
    private int _at;
    private int _line = 1;

    /// <summary>Reads a file.</summary>
    /// <exception cref="ModelFormatException">It is no text format; the message names the line.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static PrototxtMessage ParseFile(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists) throw new FileNotFoundException($"{path}: there is no such file.");
        if (file.Length > LargestFile) throw new ModelFormatException(path, $"a network description of {file.Length} bytes is not one; was the .caffemodel given for the .prototxt?");
        return Parse(path, File.ReadAllText(path));
    }

    /// <summary>Reads a text.</summary>
    public static PrototxtMessage Parse(string path, string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal)) throw new ModelFormatException(path, "it is not text; was the .caffemodel given for the .prototxt?");
        var parser = new PrototxtParser(path, text);
        var root = new PrototxtMessage(path, 1);
        parser.ReadFields(root, '\0', 0);
        return root;
    }

    private void ReadFields(PrototxtMessage message, char closing, int depth)
    {
        if (depth > DeepestMessage) throw Broken($"messages are nested more than {DeepestMessage} deep");
        while (true)
        {
            SkipBlanks();
            if (_at == _text.Length)
            {
                if (closing != '\0') throw Broken($"the file ends inside the message that line {message.Line} begins; a '{closing}' is missing");
                return;
            }
            if (_text[_at] == closing)
            {
                _at++;
                return;
            }
            if (_text[_at] is ';' or ',')
            {
                _at++;
                continue;
            }
            ReadField(message, depth);
        }
    }

    private void ReadField(PrototxtMessage message, int depth)
    {
        int line = _line;
        string name = Word();
        if (name.Length == 0) throw Broken($"a field's name was expected, not '{_text[_at]}'");
        SkipBlanks();
        bool colon = Take(':');
        SkipBlanks();
        if (Take('['))
        {
            for (SkipBlanks(); !Take(']'); SkipBlanks())
            {
                if (_at == _text.Length) throw Broken($"the list of {name} is not closed");
                if (!Take(',')) ReadValue(message, name, _line, depth, colon: true);
            }
            return;
        }
        ReadValue(message, name, line, depth, colon);
    }

    private void ReadValue(PrototxtMessage message, string name, int line, int depth, bool colon)
    {
        if (_at < _text.Length && _text[_at] is '{' or '<')
        {
            char closing = _text[_at++] == '{' ? '}' : '>';
            var child = new PrototxtMessage(_path, line);
            ReadFields(child, closing, depth + 1);
            message.Fields.Add(new PrototxtField(name, line, null, child));
            return;
        }
        if (!colon) throw Broken($"'{name}' is followed by neither ':' nor '{{'");
        bool quoted = _at < _text.Length && _text[_at] is '"' or '\'';
        string value = quoted ? Strings() : Word();
        if (value.Length == 0 && !quoted) throw Broken($"{name} has no value");
        message.Fields.Add(new PrototxtField(name, line, value, null));
    }

    private string Word()
    {
        int start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '_' or '-' or '+' or '.')) _at++;
        return _text[start.._at];
    }

    // Strings that stand behind one another are one string.
    private string Strings()
    {
        var value = new StringBuilder();
        while (_at < _text.Length && _text[_at] is '"' or '\'')
        {
            char quote = _text[_at++];
            while (true)
            {
                if (_at == _text.Length || _text[_at] == '\n') throw Broken("a string is not closed");
                char c = _text[_at++];
                if (c == quote) break;
                if (c == '\\' && _at < _text.Length) c = _text[_at++] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var other => other };
                value.Append(c);
            }
            SkipBlanks();
        }
        return value.ToString();
    }

    private bool Take(char c)
    {
        if (_at == _text.Length || _text[_at] != c) return false;
        _at++;
        return true;
    }

    private void SkipBlanks()
    {
        for (; _at < _text.Length; _at++)
        {
            char c = _text[_at];
            if (c == '#')
            {
                while (_at + 1 < _text.Length && _text[_at + 1] != '\n') _at++;
                continue;
            }
            if (!char.IsWhiteSpace(c) && c != '\uFEFF') return;
            if (c == '\n') _line++;
        }
    }

    private ModelFormatException Broken(string reason) => new(_path, $"line {_line}: {reason}");
}
