using System.Globalization;
using System.Text;

namespace IlgpuSpp.Cli.Tests;

/// <summary>
/// What a terminal shows of the text written to it: cursor up, clearing of lines and of all below, wrapping, and on a resize
/// the wrapping anew that today's terminals do. Colours are left out.
/// </summary>
internal sealed class TerminalScreen(int columns) : TextWriter
{
    // Lines as they were ended by a line feed; the cursor is at a place of one of them.
    private readonly List<StringBuilder> _lines = [new()];
    private int _line, _place;

    public int Columns { get; set; } = columns;

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>The rows of the screen, as wide as it is now.</summary>
    public string[] Rows => [.. _lines.SelectMany((_, i) => Enumerable.Range(0, RowsOf(i)).Select(row => RowText(i, row)))];

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value)
    {
        string text = value ?? "";
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\u001b')
            {
                int end = i + 2;
                while (!char.IsLetter(text[end])) end++;
                Command(text[end], text[(i + 2)..end]);
                i = end;
            }
            else if (text[i] == '\r') _place -= _place % Columns;
            else if (text[i] == '\n') LineFeed();
            else Put(text[i]);
        }
    }

    private int RowsOf(int line) => Math.Max(1, (_lines[line].Length + Columns - 1) / Columns);

    private string RowText(int line, int row)
    {
        string text = _lines[line].ToString();
        return text[Math.Min(text.Length, row * Columns)..Math.Min(text.Length, (row + 1) * Columns)];
    }

    private void Put(char sign)
    {
        StringBuilder line = _lines[_line];
        while (line.Length <= _place) line.Append(' ');
        line[_place++] = sign;
    }

    private void LineFeed()
    {
        int row = _place / Columns;
        if (row + 1 < RowsOf(_line))
        {
            _place = (row + 1) * Columns;
            return;
        }
        (_line, _place) = (_line + 1, 0);
        if (_line == _lines.Count) _lines.Add(new StringBuilder());
    }

    private void Command(char letter, string argument)
    {
        StringBuilder line = _lines[_line];
        switch (letter)
        {
            case 'A':
                int column = _place % Columns;
                for (int n = int.Parse(argument, CultureInfo.InvariantCulture); n > 0; n--)
                {
                    if (_place >= Columns) _place -= Columns;
                    else if (_line == 0) throw new InvalidOperationException("The cursor was moved above the first row.");
                    else _place = (RowsOf(--_line) - 1) * Columns + column;
                }
                break;
            case 'K' when _place < line.Length:
                int rowEnd = Math.Min(line.Length, (_place / Columns + 1) * Columns);
                if (rowEnd == line.Length) line.Length = _place;
                else for (int i = _place; i < rowEnd; i++) line[i] = ' ';
                break;
            case 'J':
                line.Length = Math.Min(line.Length, _place);
                _lines.RemoveRange(_line + 1, _lines.Count - _line - 1);
                break;
            case 'K' or 'm':
                break;
            default:
                throw new InvalidOperationException($"An unexpected command to the terminal: {argument}{letter}.");
        }
    }
}
